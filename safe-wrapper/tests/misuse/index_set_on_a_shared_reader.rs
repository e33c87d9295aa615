// In C: another index is set while threads read at offsets.
fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    let index = reader.build_index(false)?;
    let shared = reader.into_shared(&index)?;
    std::thread::scope(|scope| {
        scope.spawn(|| shared.read_at(&mut [0; 10], 0));
        shared.into_reader().set_index(None)
    })
}
