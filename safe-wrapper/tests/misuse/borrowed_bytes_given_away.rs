// In C: sgz_writer_write_owned() of bytes that belong to somebody else.
fn main() -> sgz::Result<()> {
    let mut sink = Vec::new();
    let mut writer = sgz::Options::new().create_sink(&mut sink)?;
    let data = vec![0; 1 << 20];
    writer.write_owned(&data[1..])?;
    Ok(())
}
