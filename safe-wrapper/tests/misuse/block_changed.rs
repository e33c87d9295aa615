// In C: a cast to change the bytes of a block, which other threads read.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let index = reader.build_index(false)?;
    let shared = reader.into_shared(&index)?;
    let block = shared.block_at(0)?.unwrap();
    block[0] = 1;
    Ok(())
}
