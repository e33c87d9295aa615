// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lanes in Rust of the table of call costs: `rows.h` says what a lane is.
//!
//! One archive has them all, so that one program runs each row in each lane.

#![allow(clippy::duplicate_mod, reason = "both raw lanes are raw.rs")]

use core::arch::asm;
use core::ffi::{CStr, c_void};
use std::slice;

mod border;
mod generated;
mod handwritten;
mod safe;

/// `CALLS_BYTES`
const BYTES: usize = 64;

/// `struct calls_input`
#[repr(C)]
pub struct Input {
    file: *const c_void,
    file_len: usize,
    damaged: *const c_void,
    damaged_len: usize,
}

impl Input {
    fn file(&self) -> &'static [u8] {
        // SAFETY: rows.h: the bytes outlive each lane, and nobody writes them.
        unsafe { slice::from_raw_parts(self.file.cast(), self.file_len) }
    }

    fn damaged(&self) -> &'static [u8] {
        // SAFETY: rows.h: the bytes outlive each lane, and nobody writes them.
        unsafe { slice::from_raw_parts(self.damaged.cast(), self.damaged_len) }
    }
}

type Row = unsafe extern "C" fn(state: *mut c_void, n: u64) -> u64;

/// `struct calls_lane`
#[repr(C)]
pub struct Lane {
    open: unsafe extern "C" fn(input: *const Input) -> *mut c_void,
    reset: unsafe extern "C" fn(state: *mut c_void),
    close: unsafe extern "C" fn(state: *mut c_void),
    run: [Row; 10],
}

/// The same value, of which the compiler knows nothing.
#[inline]
fn opaque(mut value: u64) -> u64 {
    // SAFETY: std arch::asm: no instruction, and the register keeps its value.
    unsafe {
        asm!("/* {0} */", inout(reg) value,
            options(nomem, nostack, preserves_flags));
    }
    value
}

/// The same bytes, of which the compiler does not know what they are.
#[inline]
#[expect(
    clippy::pointers_in_nomem_asm_block,
    reason = "there is nothing in the block that could use it"
)]
fn opaque_bytes(bytes: &[u8]) -> &[u8] {
    let mut data = bytes.as_ptr();
    // SAFETY: std arch::asm: no instruction, and the register keeps its value.
    unsafe {
        asm!("/* {0} */", inout(reg) data,
            options(nomem, nostack, preserves_flags));
    }
    // SAFETY: std slice::from_raw_parts: it is that of `bytes`.
    unsafe { slice::from_raw_parts(data, bytes.len()) }
}

#[inline]
fn opaque_str(text: &str) -> &str {
    // SAFETY: std str::from_utf8_unchecked: the bytes of a text.
    unsafe { std::str::from_utf8_unchecked(opaque_bytes(text.as_bytes())) }
}

#[inline]
fn opaque_c_str(text: &CStr) -> &CStr {
    let bytes = opaque_bytes(text.to_bytes_with_nul());
    // SAFETY: std CStr::from_bytes_with_nul_unchecked: the bytes of a C string.
    unsafe { CStr::from_bytes_with_nul_unchecked(bytes) }
}

/// Makes the table and the export of a lane of the functions of its module.
macro_rules! lane {
    ($table:literal, $export:literal, $used:ident) => {
        pub mod rows {
            use core::ffi::c_void;

            use crate::{Input, Lane, Row};

            unsafe extern "C" {
                fn $used(state: *mut c_void, n: u64) -> u64;
            }

            /// Makes a row for C of a function of the lane.
            macro_rules! row {
                ($name:ident) => {{
                    unsafe extern "C" fn $name(
                        state: *mut c_void,
                        n: u64,
                    ) -> u64 {
                        // SAFETY: rows.h: state is what open() returned, and
                        // nobody else uses it.
                        super::$name(unsafe { &mut *state.cast() }, n)
                    }
                    $name as Row
                }};
            }

            unsafe extern "C" fn open(input: *const Input) -> *mut c_void {
                // SAFETY: rows.h: it outlives the lane.
                match super::State::open(unsafe { &*input }) {
                    Some(state) => Box::into_raw(Box::new(state)).cast(),
                    None => core::ptr::null_mut(),
                }
            }

            unsafe extern "C" fn reset(state: *mut c_void) {
                // SAFETY: rows.h: state is what open() returned, and nobody
                // else uses it.
                let state = unsafe { &mut *state.cast::<super::State>() };
                state.reset();
            }

            unsafe extern "C" fn close(state: *mut c_void) {
                // SAFETY: rows.h: it comes back, once.
                drop(unsafe { Box::from_raw(state.cast::<super::State>()) });
            }

            #[unsafe(export_name = $table)]
            pub static TABLE: Lane = Lane {
                open,
                reset,
                close,
                run: [
                    row!(empty),
                    row!(by_value),
                    row!(string_in),
                    row!(str_in),
                    row!(string_out),
                    row!(read_bytes),
                    row!(callback),
                    row!(error_path),
                    row!(owned),
                    $used,
                ],
            };

            #[unsafe(export_name = $export)]
            pub extern "C" fn export(value: u64) -> u64 {
                super::export(value)
            }
        }
    };
}
pub(crate) use lane;
