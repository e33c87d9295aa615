// In C: keeping a pointer from an event, which is dead after the call.
use std::ops::ControlFlow;

fn main() -> sgz::Result<()> {
    let mut names = Vec::new();
    let mut reader = sgz::Reader::open("in.gz")?;
    reader.observe(sgz::EventMask::MEMBER, |event| {
        if let sgz::Event::Member(header) = event {
            names.push(header.name());
        }
        ControlFlow::Continue(())
    })
}
