// In C: the z_stream is copied or moved, and Z_STREAM_ERROR when it runs.
fn main() -> ferrule_zlib::Result<()> {
    let deflate = ferrule_zlib::Settings::new().deflate()?;
    let stream = deflate.0;
    Ok(())
}
