// In C: sgz_writer_finish() twice, and SGZ_E_STATE when it runs.
fn main() -> sgz::Result<()> {
    let writer = sgz::Writer::create("out.gz")?;
    writer.finish()?;
    writer.finish()?;
    Ok(())
}
