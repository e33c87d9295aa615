// In C: a cast to change the entries of an index, which other threads use.
fn main() -> sgz::Result<()> {
    let index = sgz::Reader::open("in.gz")?.build_index(false)?;
    let other = index.clone();
    let thread = std::thread::spawn(move || other.locate(5));
    index.entries()[0].offset = 7;
    thread.join().unwrap();
    Ok(())
}
