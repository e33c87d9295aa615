// In C: a thread of the pool changes a count that the submitting thread changes
// as well, without a lock.
use std::cell::Cell;
use std::ops::ControlFlow;
use std::rc::Rc;

fn main() -> sgz::Result<()> {
    let pool = sgz::Pool::new(1)?;
    let count = Rc::new(Cell::new(0));
    let inside = count.clone();
    let job = pool.job().on_progress(move |_, _| {
        inside.set(inside.get() + 1);
        ControlFlow::Continue(())
    });
    job.check("in.gz")?.join()
}
