// In C: free() of the memory that threads still read through one reader.
fn main() -> sgz::Result<()> {
    let file = std::fs::read("in.gz").unwrap();
    let index = sgz::Reader::new(&file)?.build_index(false)?;
    let shared = sgz::Reader::new(&file)?.into_shared(&index)?;
    drop(file);
    shared.read_at(&mut [0; 10], 0)?;
    Ok(())
}
