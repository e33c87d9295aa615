// In C: a reader that is closed when what its observer points to is gone.
use std::ops::ControlFlow;

fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let mut events = 0;
    reader.observe(sgz::EventMask::ALL, |_| {
        events += 1;
        ControlFlow::Continue(())
    })?;
    Ok(())
}
