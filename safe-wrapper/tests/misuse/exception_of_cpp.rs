// In C: a call of a function in C++ that throws; nobody catches it.
unsafe extern "C-unwind" {
    fn throws();
}

fn main() {
    let _ = std::panic::catch_unwind(|| throws());
}
