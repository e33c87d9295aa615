// In C: a sink's ctx that may not leave its thread, in a writer that does.
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> sgz::Result<()> {
    let pool = sgz::Pool::new(2)?;
    let sink = Shared(Rc::default());
    sgz::Options::new().pool(&pool).create_sink(sink)?;
    Ok(())
}
