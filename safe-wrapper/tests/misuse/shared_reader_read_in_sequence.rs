// In C: two threads read in sequence from one reader that they share.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let index = reader.build_index(false)?;
    let shared = reader.into_shared(&index)?;
    std::thread::scope(|scope| {
        scope.spawn(|| shared.read_bytes(&mut [0; 10]));
    });
    Ok(())
}
