// In C: sgz_writer_write() after sgz_writer_finish() and sgz_writer_free().
fn main() -> sgz::Result<()> {
    let mut writer = sgz::Writer::create("out.gz")?;
    writer.finish()?;
    writer.write_bytes(b"more")
}
