// In C: dlsym() finds any name, and a cast makes any function of it.
unsafe extern "C" {
    fn dlsym(library: *mut u8, name: *const std::ffi::c_char) -> *mut u8;
}

type Crc = unsafe extern "C" fn(u64, *const u8, u32) -> u64;

fn main() {
    let symbol = dlsym(std::ptr::null_mut(), c"crc32".as_ptr());
    let crc: Crc = std::mem::transmute(symbol);
    crc(0, std::ptr::null(), 0);
}
