// A regular expression: its bytecode has a length, and its block a larger one.
unsafe extern "C" {
    fn compile(length_out: *mut usize) -> *mut u8;
    #[cfg(twin)]
    fn bytecode_free(bytecode: *mut u8);
}

#[inline(never)]
fn drop_bytecode(bytecode: *mut u8, length: usize) {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        bytecode_free(bytecode);
        #[cfg(not(twin))]
        drop(Vec::from_raw_parts(bytecode, length, length)); // DROP
    }
    std::hint::black_box(length);
}

fn main() {
    let mut length = 0;
    // SAFETY: std extern functions: it writes the length.
    let bytecode = unsafe { compile(&mut length) };
    drop_bytecode(bytecode, length);
}
