// E0499: has the entries twice, to write them
use answer::Journal;

pub fn misuse() {
    let mut journal = Journal::new().unwrap();
    journal.add(1);
    let one = journal.entries_mut();
    let two = journal.entries_mut();
    one[0] = 1;
    two[0] = 2;
}
