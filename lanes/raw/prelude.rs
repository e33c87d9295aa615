// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every lesson in a lane of raw bindings uses.
//!
//! Both such lanes include this file, each beside a module `sys` of its own.

use core::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::ptr;

pub use ferrule_lane::{Input, Recorder};

use super::sys::*;

#[path = "child.rs"]
mod child;
#[path = "counter.rs"]
mod counter;
#[path = "drain.rs"]
mod drain;
#[path = "exports.rs"]
pub mod exports;
#[path = "features.rs"]
mod features;
#[path = "gate.rs"]
mod gate;
#[path = "job.rs"]
mod job;
#[path = "once.rs"]
mod once;
#[path = "order.rs"]
mod order;
#[path = "pipe.rs"]
mod pipe;
#[path = "plugins.rs"]
mod plugins;
#[path = "programs.rs"]
mod programs;
#[path = "share.rs"]
mod share;
#[path = "slice.rs"]
mod slice;
#[path = "store.rs"]
mod store;
#[path = "threads.rs"]
mod threads;
#[path = "view.rs"]
mod view;
#[path = "watch.rs"]
mod watch;
#[path = "zstream.rs"]
mod zstream;

pub use child::{child, panic_text};
pub use counter::Counter;
pub use drain::{code, drain, fill, read_all};
pub use features::version_of_libdeflate;
pub use gate::{Gate, Sleeper, block_on};
pub use job::{Job, Shared, size_of_file, wait_for};
pub use once::{use_observer, use_sink, use_source};
pub use order::{find, sort, sort_by};
pub use pipe::{
    Fault, Pipe, PipeCounts, pipe_close, pipe_read, writer_flush, writer_write,
};
pub use plugins::{is_mapped, lay_plugins, plugins_log};
pub use programs::{lay_plugin, run_program, trailer};
pub use share::{Log, SharedIndex, log_observer, open_reader};
pub use slice::{borrowed_slice, entry};
pub use store::{Store, store_close, store_read, store_write};
pub use threads::{
    Lock, Told, fill_cache, meet, offset_keeper, open_and_close, read_under,
    write_file,
};
pub use view::{
    Gift, View, add_witness, block_bytes, remove_witness, witness_seen,
};
pub use watch::{Guard, Watch};
pub use zstream::{
    Ends, Granted, back_init, deflate_all, deflate_init, give, inflate_all,
    inflate_init, lend, raw_deflate_init, stream_init, take,
};

/// SGZ_ERROR_INIT, which is a macro in C: an empty error (`SGZ_OK`).
#[must_use]
pub const fn error_init() -> sgz_error {
    sgz_error {
        status: sgz_status::SGZ_OK,
        sys_errno: 0,
        offset: -1,
        text: [0; SGZ_ERROR_TEXT_SIZE as usize],
        reserved: 0,
    }
}

/// SGZ_BUFFER_INIT, which is a macro of C's: nothing, from the default.
#[must_use]
pub const fn buffer_init() -> sgz_buffer {
    sgz_buffer {
        data: ptr::null_mut(),
        len: 0,
        capacity: 0,
        allocator: ptr::null(),
    }
}

/// SGZ_OPTIONS_INIT, which is a macro of C's: the defaults of the library.
#[must_use]
pub fn options_init() -> sgz_options {
    let mut options = MaybeUninit::uninit();

    // SAFETY: sgz_options_init/Ownership: borrowed for the call. /Errors: the
    // size is the struct's own, so all of it is written.
    unsafe {
        let _ =
            sgz_options_init(options.as_mut_ptr(), size_of::<sgz_options>());
        options.assume_init()
    }
}

/// Record the details of a failure.
pub fn record_error(rec: &mut Recorder, label: &str, error: &sgz_error) {
    // SAFETY: std CStr::from_ptr: the library terminates the text within the
    // array, and error_init() does so too.
    let text = unsafe { CStr::from_ptr(error.text.as_ptr()) };

    rec.error(
        label,
        error.status.0,
        error.sys_errno,
        error.offset,
        text.to_bytes(),
    );
}

/// Record a text of C's; NULL is an absent one.
///
/// # Safety
///
/// `text` is NULL, or NUL-terminated and valid for the call.
pub unsafe fn record_text(
    rec: &mut Recorder,
    label: &str,
    text: *const c_char,
) {
    let text = if text.is_null() {
        None
    } else {
        // SAFETY: std CStr::from_ptr: record_text/Safety: not NULL.
        Some(unsafe { CStr::from_ptr(text) }.to_bytes())
    };

    rec.text_or_absent(label, text);
}
