// In C: free() of the memory that sgz_reader_open_memory() borrowed.
fn main() -> sgz::Result<()> {
    let file = std::fs::read("in.gz").unwrap();
    let mut reader = sgz::Reader::new(&file)?;
    drop(file);
    reader.seek_to(1)
}
