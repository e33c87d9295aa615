// In C: sgz_writer_free() twice, a double free.
fn main() -> sgz::Result<()> {
    let writer = sgz::Writer::create("out.gz")?;
    drop(writer);
    drop(writer);
    Ok(())
}
