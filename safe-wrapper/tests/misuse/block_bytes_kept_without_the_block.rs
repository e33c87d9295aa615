// In C: bytes of a block whose last reference was given up.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let index = reader.build_index(false)?;
    let shared = reader.into_shared(&index)?;
    let block = shared.block_at(0)?.unwrap();
    let bytes: &[u8] = &block;
    drop(block);
    assert!(bytes.is_empty());
    Ok(())
}
