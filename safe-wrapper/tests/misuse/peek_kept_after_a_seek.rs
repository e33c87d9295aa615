// In C: using what sgz_reader_peek() lent after a seek has moved on.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let ready = reader.peek()?;
    reader.seek_to(9)?;
    println!("{}", ready.len());
    Ok(())
}
