// A callback that takes its argument, though it was lent.
use std::hint::black_box;

type Log = unsafe extern "C" fn(*mut u8, usize);

unsafe extern "C" {
    fn log_text(text: *const u8, length: usize, log: Log);
}

unsafe extern "C" fn on_log(text: *mut u8, length: usize) {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        let text = std::slice::from_raw_parts(text, length).to_vec();
        #[cfg(not(twin))]
        let text = String::from_raw_parts(text, length, length);
        drop(black_box(text)); // DROP
    }
    black_box(());
}

fn main() {
    // zeros: the heap looks at what lies before a block
    let text = &black_box("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0started")[16..];
    // SAFETY: std extern functions: log_text() only passes the text on.
    unsafe { log_text(text.as_ptr(), text.len(), on_log) };
}
