//! A safe wrapper for the meters of meter.c.

use std::ffi::{CStr, CString, c_char};

#[repr(C)]
struct RawMeter {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn meter_open(name: *const c_char) -> *mut RawMeter;
    fn meter_add(meter: *mut RawMeter, n: u32);
    fn meter_total(meter: *const RawMeter) -> u64;
    fn meter_name(meter: *const RawMeter) -> *const c_char;
    fn meter_close(meter: *mut RawMeter);
}

/// A meter, which is closed when it is dropped.
pub struct Meter {
    raw: *mut RawMeter,
}

// TODO:
// impl Meter {
//     open: a name of type &str to a meter; None for a name with a NUL
//           inside, or if there is no memory
//     add: a number of type u32
//     total: the sum, as u64
//     name: the name, as a text that is valid as long as the meter
//     close: the end of the meter, and its sum
// }
