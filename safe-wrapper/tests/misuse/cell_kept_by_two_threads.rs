// In C: two threads write to a variable without a lock, one after the other.
use std::cell::Cell;
use std::ops::ControlFlow;

fn main() -> sgz::Result<()> {
    let offset = Cell::new(0);
    let read = || -> sgz::Result<()> {
        let mut reader = sgz::Reader::open("lesson.gz")?;
        reader.observe(sgz::EventMask::BLOCK, |_| {
            offset.set(1);
            ControlFlow::Continue(())
        })
    };
    std::thread::scope(|scope| {
        let _ = scope.spawn(read).join();
        read()
    })
}
