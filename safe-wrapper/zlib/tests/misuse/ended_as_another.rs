// In C: inflateEnd() for a stream that compresses, and its memory leaks.
fn main() -> ferrule_zlib::Result<()> {
    let deflate = ferrule_zlib::Settings::new().deflate()?;
    ferrule_zlib::Inflate::end(deflate)?;
    Ok(())
}
