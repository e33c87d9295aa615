// In C: sizeof and offsetof are compiled into the caller.
fn main() {
    println!("{}", size_of::<sgz::raw::sgz_options>());
}
