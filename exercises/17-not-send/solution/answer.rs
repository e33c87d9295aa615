//! Safe wrappers for the gauges and journals of lab.c.

use std::ffi::c_int;
use std::ptr::NonNull;
use std::slice;

#[repr(C)]
struct RawGauge {
    _opaque: [u8; 0],
}

#[repr(C)]
struct RawJournal {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn gauge_new() -> *mut RawGauge;
    fn gauge_add(gauge: *mut RawGauge, n: u32);
    fn gauge_sum(gauge: *const RawGauge) -> u64;
    fn gauge_free(gauge: *mut RawGauge);
    fn journal_new() -> *mut RawJournal;
    fn journal_add(journal: *mut RawJournal, value: u32) -> c_int;
    fn journal_entries(
        journal: *mut RawJournal,
        len_out: *mut usize,
    ) -> *mut u32;
    fn journal_free(journal: *mut RawJournal);
}

/// Adds numbers up, on the thread that made it: it is neither Send nor Sync,
/// as a pointer is neither.
pub struct Gauge {
    raw: NonNull<RawGauge>,
}

impl Gauge {
    #[must_use]
    pub fn new() -> Option<Self> {
        // SAFETY: task.md: it asks for nothing.
        NonNull::new(unsafe { gauge_new() }).map(|raw| Self { raw })
    }

    pub fn add(&mut self, n: u32) {
        // SAFETY: task.md: it is open, and this is the thread that made it.
        unsafe { gauge_add(self.raw.as_ptr(), n) }
    }

    #[must_use]
    pub fn sum(&self) -> u64 {
        // SAFETY: task.md: it is open, and this is the thread that made it.
        unsafe { gauge_sum(self.raw.as_ptr()) }
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        // SAFETY: task.md: as above, and nobody uses it after this.
        unsafe { gauge_free(self.raw.as_ptr()) }
    }
}

/// Keeps numbers.
pub struct Journal {
    raw: NonNull<RawJournal>,
}

// SAFETY: task.md: lab.c allows any thread, one at a time: so it may move. It
// is not Sync, as two threads with a `&Journal` would be two at a time.
unsafe impl Send for Journal {}

impl Journal {
    #[must_use]
    pub fn new() -> Option<Self> {
        // SAFETY: task.md: it asks for nothing.
        NonNull::new(unsafe { journal_new() }).map(|raw| Self { raw })
    }

    /// False: no memory.
    pub fn add(&mut self, value: u32) -> bool {
        // SAFETY: task.md: it is open, and nobody has its entries: they would
        // borrow it.
        unsafe { journal_add(self.raw.as_ptr(), value) == 0 }
    }

    #[must_use]
    pub fn entries(&self) -> &[u32] {
        let mut len = 0;
        // SAFETY: task.md: it is open.
        let at = unsafe { journal_entries(self.raw.as_ptr(), &mut len) };
        if at.is_null() {
            return &[];
        }
        // SAFETY: task.md: there are `len`, and they stay while the journal is
        // borrowed.
        unsafe { slice::from_raw_parts(at, len) }
    }

    #[must_use]
    pub fn entries_mut(&mut self) -> &mut [u32] {
        let mut len = 0;
        // SAFETY: task.md: it is open.
        let at = unsafe { journal_entries(self.raw.as_ptr(), &mut len) };
        if at.is_null() {
            return &mut [];
        }
        // SAFETY: task.md: as above, and nobody else has them.
        unsafe { slice::from_raw_parts_mut(at, len) }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // SAFETY: task.md: it is open, and nobody uses it after this.
        unsafe { journal_free(self.raw.as_ptr()) }
    }
}
