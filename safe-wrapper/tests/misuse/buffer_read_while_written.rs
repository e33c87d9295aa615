// In C: reading a buffer that sgz_writer_open_memory() still grows.
fn main() -> sgz::Result<()> {
    let mut buffer = sgz::Buffer::new();
    let mut writer = sgz::Options::new().create_buffer(&mut buffer)?;
    println!("{}", buffer.len());
    writer.write_bytes(b"more")
}
