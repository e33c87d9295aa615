// In C: deflate() after deflateEnd(), and Z_STREAM_ERROR when it runs.
use ferrule_zlib::{Flush, Settings};

fn main() -> ferrule_zlib::Result<()> {
    let mut deflate = Settings::new().deflate()?;
    deflate.end()?;
    deflate.compress(b"more", &mut [0; 10], Flush::Finish)?;
    Ok(())
}
