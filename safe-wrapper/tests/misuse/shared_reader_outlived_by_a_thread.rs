// In C: a thread that still reads at offsets when the reader is closed.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let index = reader.build_index(false)?;
    let shared = reader.into_shared(&index)?;
    let thread = std::thread::spawn(|| shared.read_at(&mut [0; 10], 0));
    drop(shared);
    let _ = thread.join();
    Ok(())
}
