// In C: two threads use one stream, and it is corrupt.
fn main() -> ferrule_zlib::Result<()> {
    let deflate = ferrule_zlib::Settings::new().deflate()?;
    std::thread::scope(|scope| {
        scope.spawn(|| deflate.checksum());
        deflate.checksum()
    });
    Ok(())
}
