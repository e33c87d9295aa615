// In C: the bytes that sgz_reader_peek() lent, after sgz_reader_close().
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let borrowed = reader.peek()?;
    reader.close();
    assert!(borrowed.is_empty());
    Ok(())
}
