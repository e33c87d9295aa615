// right: reads the entries, writes them, and adds
use answer::{Gauge, Journal};

pub fn use_it() -> u64 {
    let mut gauge = Gauge::new().unwrap();
    let mut journal = Journal::new().unwrap();
    journal.add(2);
    journal.entries_mut().sort_unstable();
    let first = journal.entries()[0];
    journal.add(first);
    for &entry in journal.entries() {
        gauge.add(entry);
    }
    gauge.sum()
}
