// In C: every field is there for everybody to read.
fn main() {
    let options = sgz::Options::new();
    println!("{:?}", options.level);
}
