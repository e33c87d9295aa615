// In C: an array of pointers to lines that lie in one and the same buffer.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let mut lines = reader.borrowed_lines(b'\n');
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        all.push(line?);
    }
    Ok(())
}
