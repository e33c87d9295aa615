// In C: sgz_reader_close() twice, a double free.
fn main() -> sgz::Result<()> {
    let reader = sgz::Reader::open("in.gz")?;
    reader.close();
    reader.close();
    Ok(())
}
