// In C: gzwrite() to a file that was opened to be read, and 0 when it runs.
fn main() -> ferrule_zlib::Result<()> {
    let mut file = ferrule_zlib::GzReader::open("t.gz")?;
    file.write_bytes(b"text")?;
    Ok(())
}
