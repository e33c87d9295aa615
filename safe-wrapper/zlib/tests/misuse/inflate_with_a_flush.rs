// In C: inflate(&strm, Z_FULL_FLUSH), which means nothing.
use ferrule_zlib::{Flush, Settings};

fn main() -> ferrule_zlib::Result<()> {
    let mut inflate = Settings::new().inflate()?;
    inflate.decompress(b"", &mut [0; 10], Flush::Full)?;
    Ok(())
}
