// In C: two threads in one writer at the same time.
fn is_send<T: Send>(_: T) {}

fn main() -> sgz::Result<()> {
    let writer = sgz::Writer::create("out.gz")?;
    is_send(&writer);
    Ok(())
}
