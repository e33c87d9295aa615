// In C: input and output overlap, and both are wrong.
use ferrule_zlib::{Flush, Settings};

fn main() -> ferrule_zlib::Result<()> {
    let mut bytes = [0; 100];
    let mut deflate = Settings::new().deflate()?;
    deflate.compress(&bytes[..50], &mut bytes, Flush::Finish)?;
    Ok(())
}
