// In C: a name from sgz_reader_get_header() after the next member was read.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let name = reader.header().name();
    reader.read_bytes(&mut [0; 100])?;
    println!("{name:?}");
    Ok(())
}
