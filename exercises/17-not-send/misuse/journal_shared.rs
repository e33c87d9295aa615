// E0277: reads a journal on two threads at a time
use answer::Journal;

pub fn misuse() -> usize {
    let journal = Journal::new().unwrap();
    std::thread::scope(|scope| {
        let there = scope.spawn(|| journal.entries().len());
        journal.entries().len() + there.join().unwrap()
    })
}
