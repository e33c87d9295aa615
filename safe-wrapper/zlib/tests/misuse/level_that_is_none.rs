// In C: deflateInit(&strm, 10), and Z_STREAM_ERROR when it runs.
fn main() -> ferrule_zlib::Result<()> {
    ferrule_zlib::Settings::new().level(10).deflate()?;
    Ok(())
}
