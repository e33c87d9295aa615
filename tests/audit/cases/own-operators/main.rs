// Rust is the program: the operator is in C++.
unsafe extern "C" {
    fn use_own_form();
}

fn main() {
    // SAFETY: std extern functions: it has no requirements.
    unsafe { use_own_form() };
    drop(std::hint::black_box(vec![1]));
}
