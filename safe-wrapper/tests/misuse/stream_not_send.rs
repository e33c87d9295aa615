// In C: a source's ctx that may not leave its thread, in a reader that does.
use std::io::{self, Read};
use std::rc::Rc;

struct Shared(Rc<[u8]>);

impl Read for Shared {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&self.0[..]).read(buf)
    }
}

fn main() -> sgz::Result<()> {
    let file = Shared(std::fs::read("in.gz").unwrap().into());
    sgz::Options::new().open_stream(file)?;
    Ok(())
}
