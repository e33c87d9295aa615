// In C: a callback's ctx without a lock, used by two threads.
use std::cell::Cell;
use std::ops::ControlFlow;
use std::rc::Rc;

fn main() -> sgz::Result<()> {
    let events = Rc::new(Cell::new(0));
    let mut reader = sgz::Reader::open("in.gz")?;
    let counted = events.clone();
    reader.observe(sgz::EventMask::ALL, move |_| {
        counted.set(counted.get() + 1);
        ControlFlow::Continue(())
    })
}
