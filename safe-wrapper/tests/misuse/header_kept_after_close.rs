// In C: a view of something that its owner has freed.
fn main() -> sgz::Result<()> {
    let reader = sgz::Reader::open("in.gz")?;
    let header = reader.header();
    reader.close();
    println!("{header:?}");
    Ok(())
}
