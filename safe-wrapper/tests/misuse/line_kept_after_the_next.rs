// In C: using the line of one sgz_reader_next_line() after the next one.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let first = reader.next_line(b'\n')?;
    let second = reader.next_line(b'\n')?;
    println!("{}", first == second);
    Ok(())
}
