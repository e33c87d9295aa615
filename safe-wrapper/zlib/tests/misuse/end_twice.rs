// In C: deflateEnd() twice, and Z_STREAM_ERROR when it runs.
fn main() -> ferrule_zlib::Result<()> {
    let deflate = ferrule_zlib::Settings::new().deflate()?;
    deflate.end()?;
    deflate.end()?;
    Ok(())
}
