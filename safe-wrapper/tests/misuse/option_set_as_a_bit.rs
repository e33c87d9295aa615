// In C: options.sync is a bit, and its place is a matter of the ABI.
fn main() {
    let mut options = sgz::Options::new();
    options.sync = true;
}
