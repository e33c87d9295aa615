// In C: gzread() after gzclose(), which reads freed memory.
fn main() -> ferrule_zlib::Result<()> {
    let mut file = ferrule_zlib::GzReader::open("t.gz")?;
    file.close()?;
    file.read_bytes(&mut [0; 10])?;
    Ok(())
}
