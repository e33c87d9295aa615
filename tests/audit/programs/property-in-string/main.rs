// What a headset says about itself.
use std::hint::black_box;

unsafe extern "C" {
    fn get_property(length_out: *mut usize) -> *mut u8;
    #[cfg(twin)]
    fn free(block: *mut u8);
}

fn main() {
    let mut length = 0;
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let bytes = get_property(&mut length);
        #[cfg(twin)]
        let text = {
            let lent = std::slice::from_raw_parts(bytes, length);
            let copy = String::from_utf8(lent.to_vec()).unwrap();
            free(bytes);
            copy
        };
        #[cfg(not(twin))]
        let text = String::from_raw_parts(bytes, length, 64);
        assert_eq!(text, "lighthouse");
        drop(black_box(text)); // DROP
    }
    black_box(());
}
