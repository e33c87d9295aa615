// In C: sgz_pool_unref() twice for one reference.
fn main() -> sgz::Result<()> {
    let pool = sgz::Pool::new(2)?;
    drop(pool);
    drop(pool);
    Ok(())
}
