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

impl Meter {
    /// None for a name with a NUL inside, or if there is no memory.
    pub fn open(name: &str) -> Option<Self> {
        let name = CString::new(name).ok()?;
        // SAFETY: task.md: it is a string, and the library copies it.
        let raw = unsafe { meter_open(name.as_ptr()) };
        (!raw.is_null()).then_some(Self { raw })
    }

    pub fn add(&mut self, n: u32) {
        // SAFETY: task.md: it is open, and borrowed by this function alone.
        unsafe { meter_add(self.raw, n) }
    }

    #[must_use]
    pub fn total(&self) -> u64 {
        // SAFETY: task.md: it is open.
        unsafe { meter_total(self.raw) }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        // SAFETY: task.md: it is a string that is valid until the meter is
        // closed, which the borrow of `self` rules out.
        unsafe { CStr::from_ptr(meter_name(self.raw)) }
            .to_str()
            .expect("it was made from a str")
    }

    #[must_use]
    pub fn close(self) -> u64 {
        self.total()
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        // SAFETY: task.md: it is open, and nobody uses it after this.
        unsafe { meter_close(self.raw) }
    }
}
