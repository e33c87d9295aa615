// In C: two threads read in sequence from one reader, with a pool.
fn main() -> sgz::Result<()> {
    let pool = sgz::Pool::new(2)?;
    let mut reader = sgz::Options::new().pool(&pool).open("in.gz")?;
    std::thread::scope(|scope| {
        scope.spawn(|| reader.seek_to(0));
        scope.spawn(|| reader.seek_to(1));
    });
    Ok(())
}
