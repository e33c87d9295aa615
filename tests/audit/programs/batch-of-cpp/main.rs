// A batch of writes, from a database in C++.
unsafe extern "C" {
    fn batch_data(size_out: *mut usize) -> *mut u8;
    #[cfg(twin)]
    fn batch_free(data: *mut u8);
}

#[inline(never)]
fn end(data: *mut u8, size: usize) {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        batch_free(data);
        #[cfg(not(twin))]
        drop(Vec::from_raw_parts(data, 0, size)); // DROP
    }
    std::hint::black_box(size);
}

fn main() {
    let mut size = 0;
    // SAFETY: std extern functions: it writes the size.
    let data = unsafe { batch_data(&mut size) };
    end(data, size);
}
