// In C: SGZ_UNKNOWN is a number like any other, and can be counted with.
fn bytes_left(progress: &sgz::Progress) -> u64 {
    progress.compressed_total - progress.compressed_done
}

fn main() {}
