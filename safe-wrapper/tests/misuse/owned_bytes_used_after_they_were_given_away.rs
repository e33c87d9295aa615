// In C: bytes are changed after sgz_writer_write_owned(), while workers
// compress them.
fn main() -> sgz::Result<()> {
    let mut sink = Vec::new();
    let mut writer = sgz::Options::new().create_sink(&mut sink)?;
    let mut data = vec![0; 1 << 20];
    writer.write_owned(data)?;
    data.fill(1);
    Ok(())
}
