// Rust is the program: all of the faults are in C++.
unsafe extern "C" {
    fn use_all_forms();
}

fn main() {
    // SAFETY: std extern functions: it has no requirements.
    unsafe { use_all_forms() };
    drop(std::hint::black_box(vec![1]));
}
