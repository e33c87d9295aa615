// E0597: uses the entries after the journal's end
use answer::Journal;

pub fn misuse() -> u32 {
    let entries = {
        let mut journal = Journal::new().unwrap();
        journal.add(1);
        journal.entries()
    };
    entries[0]
}
