// In C: sgz_buffer_release() twice, and free() twice on a copy of the struct.
fn main() {
    let gz = sgz::Buffer::new();
    drop(gz);
    drop(gz);
}
