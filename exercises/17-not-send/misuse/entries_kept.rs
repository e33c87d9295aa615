// E0502: adds to a journal while it has the entries
use answer::Journal;

pub fn misuse() -> u32 {
    let mut journal = Journal::new().unwrap();
    journal.add(1);
    let entries = journal.entries();
    journal.add(2);
    entries[0]
}
