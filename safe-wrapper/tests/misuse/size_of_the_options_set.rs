// In C: options.size is whatever the caller puts there.
fn main() {
    let options = sgz::Options { size: 16, ..sgz::Options::new() };
}
