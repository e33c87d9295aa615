// In C: two threads in one reader at the same time.
fn is_send<T: Send>(_: T) {}

fn main() -> sgz::Result<()> {
    let reader = sgz::Reader::open("in.gz")?;
    is_send(&reader);
    Ok(())
}
