// In C: writing to the memory that sgz_reader_open_memory() borrowed.
fn main() -> sgz::Result<()> {
    let mut file = std::fs::read("in.gz").unwrap();
    let mut reader = sgz::Reader::new(&file)?;
    file.fill(0);
    reader.seek_to(1)
}
