// In C: an observer's ctx that points into a stack frame which has returned.
use std::ops::ControlFlow;

fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    {
        let mut events = 0;
        reader.observe(sgz::EventMask::ALL, |_| {
            events += 1;
            ControlFlow::Continue(())
        })?;
    }
    reader.seek_to(1)
}
