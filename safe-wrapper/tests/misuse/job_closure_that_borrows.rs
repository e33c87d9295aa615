// In C: the callbacks of a job get a pointer to the stack of the function that
// submits it, and the job outlives the function.
use std::ops::ControlFlow;

fn submit(pool: &sgz::Pool) -> sgz::Result<sgz::Job<()>> {
    let mut done = 0;
    pool.job()
        .on_progress(|bytes, _| {
            done = bytes;
            ControlFlow::Continue(())
        })
        .check("in.gz")
}

fn main() {
    let _ = submit;
}
