//! Bindings for a small C library.
#![allow(non_camel_case_types)]

use std::ffi::{CStr, c_char, c_double, c_int, c_ulong, c_void};
use std::{ptr, slice};

pub const DEVICE_NAME_SIZE: c_int = 12;
pub const DEVICE_KEPT: c_int = 8;

// An integer: a later library may return a status that is not listed here.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct device_status(pub c_int);

impl device_status {
    pub const DEVICE_OK: Self = Self(0);
    pub const DEVICE_E_RANGE: Self = Self(-1);
    pub const DEVICE_E_MEMORY: Self = Self(-2);
}

#[repr(C)]
pub struct device_config {
    pub name: [c_char; DEVICE_NAME_SIZE as usize],
    pub lowest: i16,
    pub highest: i16,
    pub scale: c_double,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct device_reading {
    pub number: c_ulong,
    pub value: i16,
    pub last: bool,
}

#[repr(C)]
pub struct device {
    _opaque: [u8; 0],
}

pub type device_handler = Option<
    unsafe extern "C" fn(context: *mut c_void, reading: *const device_reading),
>;

unsafe extern "C" {
    pub fn device_open(
        config: *const device_config,
        device_out: *mut *mut device,
    ) -> device_status;
    pub fn device_set_handler(
        device: *mut device,
        handler: device_handler,
        context: *mut c_void,
    ) -> device_handler;
    pub fn device_measure(device: *mut device, value: i16) -> device_status;
    pub fn device_copy(
        device: *const device,
        readings: *mut device_reading,
        count: usize,
    ) -> usize;
    pub fn device_average(device: *const device) -> c_double;
    pub fn device_refused(device: *const device) -> c_ulong;
    pub fn device_name(device: *const device) -> *const c_char;
    pub fn device_close(device: *mut device);
}

/// What was seen of a device.
#[repr(C)]
struct Summary {
    average: f64,
    sum: i64,
    refused: u64,
    newest: [i16; 8],
    newest_count: usize,
    name: [u8; 12],
}

unsafe extern "C" fn add(context: *mut c_void, reading: *const device_reading) {
    // SAFETY: task.md: device_set_handler: context is the sum of observe(), and
    // the reading is valid during the call.
    unsafe { *context.cast::<i64>() += i64::from((*reading).value) }
}

/// Opens a device of the name "oven", whose limits are 20 and 110 and whose
/// scale is 0.5. Gives it a handler that sums the values of the readings, and
/// the first half of the `len` values; then no handler, and the other half.
/// Fills the summary, closes the device, and returns what device_open()
/// returned.
#[unsafe(no_mangle)]
extern "C" fn observe(values: *const u8, len: usize, out: *mut Summary) -> i32 {
    let mut config = device_config {
        name: [0; DEVICE_NAME_SIZE as usize],
        lowest: 20,
        highest: 110,
        scale: 0.5,
    };
    for (to, from) in config.name.iter_mut().zip(c"oven".to_bytes()) {
        *to = *from as c_char;
    }
    let mut device = ptr::null_mut();
    // SAFETY: task.md: device_open: both are valid, and the config is copied.
    let status = unsafe { device_open(&config, &mut device) };
    if status != device_status::DEVICE_OK {
        return status.0;
    }
    // SAFETY: task.md: the caller passes that many values, and a summary.
    let (values, out) =
        unsafe { (slice::from_raw_parts(values, len), &mut *out) };
    let (first, second) = values.split_at(len / 2);
    let mut sum = 0_i64;
    let none = device_reading {
        number: 0,
        value: 0,
        last: false,
    };
    let mut newest = [none; DEVICE_KEPT as usize];
    // SAFETY: task.md: the device is open until the last line. It has the sum's
    // address only while the sum is there, and the name is copied before its
    // end.
    unsafe {
        device_set_handler(device, Some(add), (&raw mut sum).cast());
        for &value in first {
            let _ = device_measure(device, value.into());
        }
        device_set_handler(device, None, ptr::null_mut());
        for &value in second {
            let _ = device_measure(device, value.into());
        }
        out.newest_count =
            device_copy(device, newest.as_mut_ptr(), newest.len());
        out.average = device_average(device);
        out.refused = device_refused(device);
        let name = CStr::from_ptr(device_name(device)).to_bytes_with_nul();
        out.name[..name.len()].copy_from_slice(name);
        device_close(device);
    }
    out.sum = sum;
    for (to, from) in out.newest.iter_mut().zip(newest) {
        *to = from.value;
    }
    status.0
}
