// In C: the number of sgz_reader_get_fd() after sgz_reader_close() closed it.
fn main() -> sgz::Result<()> {
    let reader = sgz::Reader::open("in.gz")?;
    let fd = reader.as_fd()?;
    reader.close();
    println!("{fd:?}");
    Ok(())
}
