// In C: an array of sgz_index_get_entries() after the last sgz_index_unref().
fn main() -> sgz::Result<()> {
    let index = sgz::Index::load("in.gzi")?;
    let entries = index.entries();
    drop(index);
    println!("{}", entries.len());
    Ok(())
}
