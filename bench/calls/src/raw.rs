// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rows over a raw crate, as c.c has them: both raw lanes include this
//! file, each beside a module `sys` of its own.

use core::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use super::sys::*;
use crate::{BYTES, Input, opaque, opaque_c_str};

unsafe extern "C" {
    fn abort() -> !;
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn free(ptr: *mut c_void);
}

pub struct State {
    reader: *mut sgz_reader,
    failed: *mut sgz_reader,
    writer: *mut sgz_writer,
    buffer: Box<MaybeUninit<sgz_buffer>>,
}

pub fn empty(_state: &mut State, n: u64) -> u64 {
    // Safe in one of the crates, unsafe in the other.
    let number: unsafe extern "C" fn() -> u32 = sgz_version_number;
    let mut sum = 0;
    for _ in 0..n {
        // SAFETY: sgz_version_number/Threads: any thread, at any time.
        sum += opaque(u64::from(unsafe { number() }));
    }
    sum
}

#[expect(clippy::cast_possible_truncation, reason = "it was a u32")]
pub fn by_value(_state: &mut State, n: u64) -> u64 {
    let mut span = border_span {
        start: 0,
        end: u32::MAX,
    };
    for _ in 0..n {
        // SAFETY: border.h: any thread.
        span = unsafe { border_shift(span, 1) };
        span.start = opaque(u64::from(span.start)) as u32;
    }
    u64::from(span.start.wrapping_sub(span.end))
}

pub fn string_in(_state: &mut State, n: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..n {
        let text = opaque_c_str(c"a name").as_ptr();
        // SAFETY: border.h: the text is borrowed for the call.
        sum += opaque(unsafe { border_sum(text) });
    }
    sum
}

pub fn str_in(_state: &mut State, n: u64) -> u64 {
    let mut error = MaybeUninit::uninit();
    let mut codec = null_mut();
    let mut sum = 0;
    for _ in 0..n {
        let name = opaque_c_str(c"zlib").as_ptr();
        // SAFETY: sgz_codec_load/Ownership: the name is borrowed for the call,
        // the reference is ours. sgz_codec_unref/Ownership: given up, once.
        unsafe {
            if sgz_codec_load(name, null(), &raw mut codec, error.as_mut_ptr())
                != sgz_status::SGZ_OK
            {
                break;
            }
            sgz_codec_unref(codec);
        }
        sum += 1;
    }
    sum
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an i32 goes through a register, and comes back"
)]
pub fn string_out(_state: &mut State, n: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..n {
        let code = opaque(u64::from(sgz_status::SGZ_E_CRC.0 as u32));
        let status = sgz_status(code as i32);
        // SAFETY: sgz_status_name/Errors: NULL, or a text. /Lifetime: as long
        // as the library is loaded.
        unsafe {
            let name = sgz_status_name(status).cast::<u8>();
            sum += if name.is_null() { 0 } else { u64::from(*name) };
        }
    }
    sum
}

pub fn read_bytes(state: &mut State, n: u64) -> u64 {
    let mut error = MaybeUninit::uninit();
    let mut bytes = [const { MaybeUninit::<u8>::uninit() }; BYTES];
    let mut sum = 0;
    let mut len = 0;
    for _ in 0..n {
        // SAFETY: sgz_reader_read/Ownership: bytes is borrowed for the call,
        // and is that long. /Threads: one thread.
        let status = unsafe {
            sgz_reader_read(
                state.reader,
                bytes.as_mut_ptr().cast(),
                BYTES,
                &raw mut len,
                error.as_mut_ptr(),
            )
        };
        if status != sgz_status::SGZ_OK || len == 0 {
            break;
        }
        // SAFETY: std MaybeUninit::assume_init: the first of `len` bytes.
        sum += u64::from(unsafe { bytes[0].assume_init() });
    }
    sum
}

unsafe extern "C" fn answer(ctx: *mut c_void, value: u64) -> u64 {
    // SAFETY: border.h: ctx is the sum of callback(), which nobody uses now.
    let sum = unsafe { &mut *ctx.cast::<u64>() };
    // Where Rust panics otherwise: here that would abort.
    if value == u64::MAX {
        return 0;
    }
    *sum = sum.wrapping_add(value);
    value
}

pub fn callback(_state: &mut State, n: u64) -> u64 {
    let mut answers = 0;
    let mut sum = 0_u64;
    for i in 0..n {
        let ctx = (&raw mut sum).cast();
        // SAFETY: border.h: ctx is borrowed for the call.
        answers += opaque(unsafe { border_ask(Some(answer), ctx, opaque(i)) });
    }
    sum + answers
}

pub fn error_path(state: &mut State, n: u64) -> u64 {
    let mut error = MaybeUninit::<sgz_error>::uninit();
    let mut bytes = [const { MaybeUninit::<u8>::uninit() }; BYTES];
    let mut sum = 0;
    let mut len = 0;
    for _ in 0..n {
        // SAFETY: sgz_reader_read/Ownership: bytes is borrowed for the call,
        // and is that long. /Threads: one thread. /Errors: after a failure the
        // details are written.
        unsafe {
            if sgz_reader_read(
                state.failed,
                bytes.as_mut_ptr().cast(),
                BYTES,
                &raw mut len,
                error.as_mut_ptr(),
            ) != sgz_status::SGZ_OK
            {
                let text = (&raw const (*error.as_ptr()).text).cast::<u8>();
                sum += u64::from(*text);
            }
        }
    }
    sum
}

pub fn owned(state: &mut State, n: u64) -> u64 {
    let mut error = MaybeUninit::uninit();
    let mut sum = 0;
    for i in 0..n {
        // SAFETY: libc calloc: zeroed bytes, or NULL.
        let bytes = unsafe { calloc(1, BYTES) };
        if bytes.is_null() {
            break;
        }
        let owned = sgz_owned {
            data: bytes,
            len: BYTES,
            release: Some(free),
            ctx: bytes,
        };
        // SAFETY: libc calloc: at least one byte.
        // sgz_writer_write_owned/Ownership: the bytes are the writer's now.
        // /Threads: one thread.
        let status = unsafe {
            bytes.cast::<u8>().write(i.to_le_bytes()[0]);
            sgz_writer_write_owned(
                state.writer,
                &raw const owned,
                error.as_mut_ptr(),
            )
        };
        if status != sgz_status::SGZ_OK {
            break;
        }
        sum += 1;
    }
    sum
}

pub fn export(value: u64) -> u64 {
    if value == u64::MAX {
        // SAFETY: libc abort: it does not return.
        unsafe { abort() };
    }
    value.wrapping_add(1)
}

impl State {
    pub fn open(input: &Input) -> Option<Self> {
        let mut state = Self {
            reader: null_mut(),
            failed: null_mut(),
            writer: null_mut(),
            buffer: Box::new(MaybeUninit::uninit()),
        };
        let buffer = state.buffer.as_mut_ptr();
        let (file, damaged) = (input.file(), input.damaged());
        // SAFETY: sgz_buffer_init/Lifetime: the buffer outlives the writer,
        // see Drop. sgz_reader_open_memory/Lifetime: the files outlive the
        // lane. sgz_writer_open_memory/Lifetime: the box does not move its
        // buffer. /Ownership: Drop closes all.
        let opened = unsafe {
            sgz_buffer_init(buffer, null());
            sgz_reader_open_memory(
                file.as_ptr().cast(),
                file.len(),
                null(),
                &raw mut state.reader,
                null_mut(),
            ) == sgz_status::SGZ_OK
                && sgz_reader_open_memory(
                    damaged.as_ptr().cast(),
                    damaged.len(),
                    null(),
                    &raw mut state.failed,
                    null_mut(),
                ) == sgz_status::SGZ_OK
                && sgz_writer_open_memory(
                    buffer,
                    null(),
                    &raw mut state.writer,
                    null_mut(),
                ) == sgz_status::SGZ_OK
        };
        opened.then_some(state)
    }

    pub fn reset(&mut self) {
        let mut data = null();
        let mut len = 0;
        // SAFETY: sgz_reader_seek/Threads, sgz_writer_flush/Threads: one
        // thread. sgz_reader_peek/Lifetime: data is not used.
        unsafe {
            let moved = sgz_reader_seek(self.reader, 0, null_mut());
            let ready = sgz_reader_peek(
                self.reader,
                &raw mut data,
                &raw mut len,
                null_mut(),
            );
            let flushed = sgz_writer_flush(self.writer, null_mut());
            assert!([moved, ready, flushed] == [sgz_status::SGZ_OK; 3]);
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // SAFETY: sgz_reader_close/Ownership, sgz_writer_free/Ownership: each
        // is given up, once, or is NULL. sgz_buffer_release/Lifetime: the
        // writer is gone.
        unsafe {
            sgz_writer_free(self.writer);
            sgz_buffer_release(self.buffer.as_mut_ptr());
            sgz_reader_close(self.failed);
            sgz_reader_close(self.reader);
        }
    }
}
