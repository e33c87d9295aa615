// Makes blocks, and has a thread of its own that works until the end.
use std::cell::RefCell;
use std::hint::black_box;

struct Late(Vec<Box<u32>>);

impl Drop for Late {
    // runs while the thread ends
    fn drop(&mut self) {
        for value in 0..100 {
            self.0.push(Box::new(value));
        }
    }
}

thread_local! {
    static LATE: RefCell<Late> = const { RefCell::new(Late(Vec::new())) };
}

#[unsafe(no_mangle)]
pub extern "C" fn make(value: u64) -> *mut [u64; 2] {
    LATE.with_borrow_mut(|late| late.0.push(Box::new(1)));
    black_box(Box::into_raw(Box::new([value, value]))) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unmake(block: *mut [u64; 2]) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(block) });
}

#[unsafe(no_mangle)]
pub extern "C" fn work_for_ever() {
    std::thread::spawn(|| {
        loop {
            drop(black_box(vec![String::from("busy"); 10]));
        }
    });
}
