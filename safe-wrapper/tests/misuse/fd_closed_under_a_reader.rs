// In C: close() of the descriptor that sgz_reader_open_fd() borrowed.
use std::os::fd::AsFd;

fn main() -> sgz::Result<()> {
    let file = std::fs::File::open("in.gz").unwrap();
    let mut reader = sgz::Options::new().open_fd(file.as_fd())?;
    drop(file);
    reader.seek_to(1)
}
