// In C: a callback that leaves the library by longjmp(); its lock stays held.
use core::ffi::{c_int, c_void};

extern "C-unwind" fn event(_: *mut c_void, _: *const c_void) -> c_int {
    panic!("over the frames of the library")
}

fn main() -> sgz::Result<()> {
    let mut reader = sgz::Reader::open("in.gz")?;
    reader.observe(sgz::EventMask::ALL, event)
}
