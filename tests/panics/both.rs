// SPDX-License-Identifier: MIT OR Apache-2.0
//! The mistake that lesson 11 warns of: one C function under both ABIs.
//! both NAME calls it under one of them.

mod common;

use std::env;
use std::ffi::{c_int, c_void};
use std::panic::catch_unwind;
use std::ptr::null_mut;

use common::{Guard, Unwinding, panic_briefly, report, unknown};

mod aborting {
    use super::{Unwinding, c_int, c_void};
    unsafe extern "C" {
        pub fn call_both(callback: Unwinding, ctx: *mut c_void) -> c_int;
    }
}

mod unwinding {
    use super::{Unwinding, c_int, c_void};
    unsafe extern "C-unwind" {
        pub fn call_both(callback: Unwinding, ctx: *mut c_void) -> c_int;
    }
}

extern "C-unwind" fn sometimes(_: *mut c_void) -> c_int {
    let _guard = Guard("callback dropped");
    assert!(!unknown(), "sometimes");
    0
}

fn main() {
    panic_briefly();
    report(&if env::args().nth(1).as_deref() == Some("C") {
        catch_unwind(|| {
            let _guard = Guard("caller dropped");
            // SAFETY: none: what is declared "C" must not be unwound.
            unsafe { aborting::call_both(sometimes, null_mut()) }
        })
    } else {
        catch_unwind(|| {
            let _guard = Guard("caller dropped");
            // SAFETY: none: it is declared "C" elsewhere.
            unsafe { unwinding::call_both(sometimes, null_mut()) }
        })
    });
}
