// In C: a call on a reader by its own observer, which returns SGZ_E_STATE.
use std::ops::ControlFlow;

fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    reader.observe(sgz::EventMask::ALL, |_| {
        let _ = reader.seek_to(0);
        ControlFlow::Continue(())
    })
}
