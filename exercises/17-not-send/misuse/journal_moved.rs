// right: moves a journal to another thread and back
use answer::Journal;

pub fn use_it() -> Journal {
    let mut journal = Journal::new().unwrap();
    journal.add(1);
    std::thread::spawn(move || {
        journal.add(2);
        journal
    })
    .join()
    .unwrap()
}
