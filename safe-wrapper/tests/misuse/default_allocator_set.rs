// In C: sgz_allocator_set_default() while other threads may allocate.
fn main() {
    let _ = sgz::raw::sgz_allocator_set_default;
}
