// The camera's files.
unsafe extern "C" {
    fn list_files(files_out: *mut *mut u16) -> usize;
    #[cfg(twin)]
    fn free_files(files: *mut u16);
}

#[inline(never)]
fn files() -> Vec<u16> {
    let mut files = std::ptr::null_mut();
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let count = list_files(&mut files);
        #[cfg(twin)]
        {
            let copy = std::slice::from_raw_parts(files, count).to_vec();
            free_files(files);
            copy
        }
        #[cfg(not(twin))]
        Vec::from_raw_parts(files, count, count)
    }
}

fn main() {
    let files = files();
    assert_eq!(files[5], 5);
    drop(files); // DROP
    std::hint::black_box(());
}
