// In C: a pool in the options, after its last reference was given up.
fn main() -> sgz::Result<()> {
    let pool = sgz::Pool::new(2)?;
    std::thread::spawn(move || drop(pool)).join().unwrap();
    sgz::Options::new().pool(&pool).open("in.gz")?;
    Ok(())
}
