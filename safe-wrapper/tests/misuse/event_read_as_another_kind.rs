// In C: any member of the union can be read, whatever the kind.
fn offset(event: &sgz::Event) -> u64 {
    let sgz::Event::Block(block) = event;
    block.compressed_offset
}

fn main() {}
