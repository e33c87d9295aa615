// SPDX-License-Identifier: MIT OR Apache-2.0
//! Child processes, for what ends a process: `lessons/11-panics/helper.h`.

use core::ffi::{CStr, c_char, c_int, c_void};
use std::any::Any;
use std::io::{self, Write as _};
use std::panic;

use ferrule_lane::Recorder;

#[repr(C)]
struct panics_end {
    signal: c_int,
    code: c_int,
    said: [c_char; 500],
}

unsafe extern "C" {
    fn panics_in_child(
        run: unsafe extern "C" fn(ctx: *mut c_void),
        ctx: *mut c_void,
        end_out: *mut panics_end,
    );
}

/// What a panic or its message says, if that is a text.
pub fn panic_text(payload: &dyn Any) -> &str {
    payload.downcast_ref::<&str>().unwrap_or(&"(no text)")
}

/// Run `f` in a child process, and record the signal that ended it.
pub fn child<F: Fn()>(rec: &mut Recorder, label: &str, f: F) {
    unsafe extern "C" fn run<F: Fn()>(ctx: *mut c_void) {
        panic::set_hook(Box::new(|info| {
            let _ = writeln!(io::stderr(), "{}", panic_text(info.payload()));
        }));
        // SAFETY: helper.h: ctx is what child() passes, in its copy.
        unsafe { (*ctx.cast::<F>())() }
    }
    let mut end = panics_end {
        signal: 0,
        code: 0,
        said: [0; 500],
    };
    // SAFETY: helper.h: it returns when the child has ended.
    unsafe {
        let ctx = (&raw const f).cast_mut().cast();
        panics_in_child(run::<F>, ctx, &mut end);
    }
    rec.int(label, end.signal);
    // SAFETY: helper.h: it ends with a NUL.
    let said = unsafe { CStr::from_ptr(end.said.as_ptr()) };
    rec.note(&said.to_string_lossy());
}
