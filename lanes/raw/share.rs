// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the caller counts itself, and how the library holds a part of that
//! count.

use core::ffi::{c_int, c_void};
use std::cell::Cell;
use std::ptr::{null, null_mut};
use std::rc::Rc;

use super::super::sys::*;

/// What is counted on this side, by an `Rc`: one thread has it.
pub struct Log {
    /// Blocks that were told of.
    pub blocks: Cell<i64>,
    /// One reference, or NULL.
    index: *mut sgz_index,
}

impl Log {
    /// A log that owns `index`, a reference or NULL.
    #[must_use]
    pub fn new(index: *mut sgz_index) -> Rc<Self> {
        Rc::new(Self {
            blocks: Cell::new(0),
            index,
        })
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // SAFETY: sgz_index_unref/Ownership: the reference was the log's, and
        // NULL is allowed.
        unsafe { sgz_index_unref(self.index) };
    }
}

/// `sgz_observer.event`, of the [`Log`] at `ctx`.
unsafe extern "C" fn log_event(
    ctx: *mut c_void,
    event: *const sgz_event,
) -> c_int {
    // SAFETY: sgz_observer.event/Lifetime: the event is borrowed for the call.
    // sgz_reader_set_observer/Lifetime: the log lives until release().
    unsafe {
        let log = &*ctx.cast::<Log>();
        let told = (*event).kind == sgz_event_kind::SGZ_EVENT_BLOCK;
        log.blocks.set(log.blocks.get() + i64::from(told));
    }
    0
}

/// `sgz_observer.release`: one holder fewer.
unsafe extern "C" fn log_release(ctx: *mut c_void) {
    // SAFETY: sgz_observer.release/Ownership: what into_raw() gave comes back,
    // once. /Threads: on the thread of the reader, so an Rc will do.
    drop(unsafe { Rc::from_raw(ctx.cast::<Log>().cast_const()) });
}

/// An observer for the library, which holds `log` from now on.
#[must_use]
pub fn log_observer(log: Rc<Log>) -> sgz_observer {
    sgz_observer {
        event: Some(log_event),
        release: Some(log_release),
        ctx: Rc::into_raw(log).cast_mut().cast(),
        mask: SGZ_EVENT_ALL,
    }
}

/// A reader of the file in `file`.
///
/// # Safety
///
/// `file` stays as it is until the reader is closed.
#[must_use]
pub unsafe fn open_reader(file: &sgz_buffer) -> *mut sgz_reader {
    let mut reader = null_mut();
    let data = file.data.cast();
    // SAFETY: sgz_reader_open_memory/Lifetime: open_reader/Safety.
    unsafe {
        let _ = sgz_reader_open_memory(
            data,
            file.len,
            null(),
            &mut reader,
            null_mut(),
        );
    }
    reader
}

/// A reference to an index, to be moved to another thread.
pub struct SharedIndex(pub *mut sgz_index);

// SAFETY: sgz_index_locate/Threads, sgz_index_unref/Threads: any thread that
// has a reference.
unsafe impl Send for SharedIndex {}

impl SharedIndex {
    /// The block that holds `offset`.
    #[must_use]
    pub fn locate(&self, offset: u64) -> usize {
        // SAFETY: sgz_index_locate/Ownership: borrowed for the call.
        unsafe { sgz_index_locate(self.0, offset) }
    }

    /// Give it up.
    pub fn release(self) {
        // SAFETY: sgz_index_unref/Ownership: one reference, which was ours.
        unsafe { sgz_index_unref(self.0) };
    }
}
