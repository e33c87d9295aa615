// In C: *copy = *stream, and one state with two owners.
fn main() -> ferrule_zlib::Result<()> {
    let deflate = ferrule_zlib::Settings::new().deflate()?;
    let copy = deflate.clone();
    Ok(())
}
