// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions for C. cbindgen writes `include/codec_zlib_rs.h` from this
//! file: what it cannot know stands in the comments, which are the header's.
//!
//! A program in C has three ways to the codec. It calls these functions; or it
//! gives `codec_zlib_rs_functions()` to `sgz_codec_new()`; or it loads the
//! plugin, and links nothing. None of them unwinds into C.

#![allow(
    clippy::missing_safety_doc,
    reason = "the clauses say what is to be kept, as in every header"
)]

use core::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{mem, slice};

use sgz_codec::{BlockCodec, CodecError, Decode, Encode, Functions as Table};

use crate::{Decoder, Encoder, ZlibRs};

/// The most bytes that one call takes or makes.
pub const CODEC_ZLIB_RS_LEN_MAX: usize = 1_073_741_824;

/// How a call ended. Codes are never renumbered; new ones may come.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It did what it says.
    Ok = 0,
    /// An argument is NULL, or out of its range.
    Invalid = -1,
    /// What it makes does not fit.
    NoRoom = -2,
    /// The input is no such deflate stream.
    Corrupt = -3,
    /// The codec itself failed.
    Broken = -4,
    /// The codec panicked, which is a fault of the library. The encoder or
    /// decoder can only be freed.
    Panic = -5,
}

/// Compresses.
#[derive(Debug)]
pub struct Packer(Slot<Encoder>);

/// Decompresses.
#[derive(Debug)]
pub struct Unpacker(Slot<Decoder>);

/// The functions of the codec, as sgz/codec.h has them.
#[derive(Debug)]
pub struct Functions {
    _table: Table,
}

/// What is used until it panics.
type Slot<T> = Option<T>;

impl From<CodecError> for Answer {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::NoRoom => Self::NoRoom,
            CodecError::Corrupt => Self::Corrupt,
            _ => Self::Broken,
        }
    }
}

/// Runs work, and says how it ended.
fn guard(work: impl FnOnce() -> Result<(), Answer>) -> Answer {
    // Whoever has what work was changing sees to it that nobody uses it again.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => Answer::Ok,
        Ok(Err(answer)) => answer,
        Err(payload) => {
            // Its drop may panic as well, and that payload's drop, too.
            let drop = AssertUnwindSafe(|| drop(payload));
            if let Err(second) = catch_unwind(drop) {
                mem::forget(second);
            }
            Answer::Panic
        }
    }
}

/// Runs work with what is in slot, which is emptied if it panics.
fn run<T>(
    slot: Option<&mut Slot<T>>,
    work: impl FnOnce(&mut T) -> Result<(), Answer>,
) -> Answer {
    let Some(slot) = slot else {
        return Answer::Invalid;
    };
    let answer = guard(|| work(slot.as_mut().ok_or(Answer::Panic)?));
    if answer == Answer::Panic {
        let broken = slot.take();
        guard(|| {
            drop(broken);
            Ok(())
        });
    }
    answer
}

/// The bytes that C lends.
///
/// # Safety
///
/// There are len bytes at data, which nobody changes during 'a.
unsafe fn input<'a>(
    data: *const c_void,
    len: usize,
) -> Result<&'a [u8], Answer> {
    match len {
        0 => Ok(&[]),
        1..=CODEC_ZLIB_RS_LEN_MAX if !data.is_null() => {
            // SAFETY: input/Safety: there are that many.
            Ok(unsafe { slice::from_raw_parts(data.cast(), len) })
        }
        _ => Err(Answer::Invalid),
    }
}

/// The room that C lends, as zeros: what is there may be uninitialised.
///
/// # Safety
///
/// There are len bytes at data, which nobody else uses during 'a.
unsafe fn output<'a>(
    data: *mut c_void,
    len: usize,
) -> Result<&'a mut [u8], Answer> {
    match len {
        0 => Ok(&mut []),
        1..=CODEC_ZLIB_RS_LEN_MAX if !data.is_null() => {
            // SAFETY: output/Safety: there are that many. std
            // ptr::write_bytes: now they are initialised, too.
            unsafe {
                data.write_bytes(0, len);
                Ok(slice::from_raw_parts_mut(data.cast(), len))
            }
        }
        _ => Err(Answer::Invalid),
    }
}

/// Puts value where C wants it.
///
/// # Safety
///
/// out is NULL, or may be written to.
unsafe fn put<T>(out: *mut T, value: T) -> Result<(), Answer> {
    if out.is_null() {
        return Err(Answer::Invalid);
    }
    // SAFETY: put/Safety: it may be written to. What is there is not dropped:
    // it may be uninitialised.
    unsafe { out.write(value) };
    Ok(())
}

/// The version of zlib-rs, as "1.2.3".
///
/// Ownership: borrows: the text is the library's
/// Lifetime: while the library is loaded
/// Threads: any thread, at any time
/// Errors: never NULL
#[unsafe(no_mangle)]
pub extern "C" fn codec_zlib_rs_version() -> *const c_char {
    const VERSION: &CStr = ZlibRs::VERSION;
    VERSION.as_ptr()
}

/// The codec's functions, for sgz_codec_new() of <sgz/codec.h>.
///
/// Ownership: borrows: the table is the library's
/// Lifetime: while the library is loaded
/// Threads: any thread, at any time
/// Errors: never NULL
#[unsafe(no_mangle)]
pub extern "C" fn codec_zlib_rs_functions() -> *const Functions {
    static FUNCTIONS: Table = Table::of::<ZlibRs>();
    FUNCTIONS.as_ptr().cast()
}

/// Make an encoder for @level, which is from 1 to 9, or -1 for the default.
///
/// Ownership: transfers *@encoder_out to the caller, who frees it with
///   codec_zlib_rs_encoder_free()
/// Lifetime: until codec_zlib_rs_encoder_free()
/// Threads: any thread, at any time
/// Errors: CODEC_ZLIB_RS_ANSWER_INVALID, CODEC_ZLIB_RS_ANSWER_PANIC;
///   *@encoder_out is unchanged then
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codec_zlib_rs_encoder_new(
    level: c_int,
    encoder_out: *mut *mut Packer,
) -> Answer {
    guard(|| {
        let levels = ZlibRs::LEVELS;
        let level = if level == -1 { levels.default } else { level };
        let range = levels.least..=levels.most;
        if encoder_out.is_null() || !range.contains(&level) {
            return Err(Answer::Invalid);
        }
        let encoder = Box::new(Packer(Some(ZlibRs::encoder(level)?)));
        // SAFETY: codec_zlib_rs_encoder_new/Ownership: it may be written to.
        unsafe { put(encoder_out, Box::into_raw(encoder)) }
    })
}

/// Compress the @len bytes at @data to a deflate stream at @out, where there
/// are @room bytes.
///
/// Ownership: borrows @encoder, @data and @out for the call; writes
///   *@made_out, the length of the stream
/// Lifetime: nothing is kept from one call to the next
/// Threads: any thread, but no other may use @encoder at the same time
/// Errors: CODEC_ZLIB_RS_ANSWER_NO_ROOM, CODEC_ZLIB_RS_ANSWER_INVALID also if
///   @len or @room is more than CODEC_ZLIB_RS_LEN_MAX,
///   CODEC_ZLIB_RS_ANSWER_BROKEN, CODEC_ZLIB_RS_ANSWER_PANIC; *@made_out is
///   unchanged then, and what is at @out is not defined
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codec_zlib_rs_compress(
    encoder: Option<&mut Packer>,
    data: *const c_void,
    len: usize,
    out: *mut c_void,
    room: usize,
    made_out: *mut usize,
) -> Answer {
    run(encoder.map(|packer| &mut packer.0), |encoder| {
        if made_out.is_null() {
            return Err(Answer::Invalid);
        }
        // SAFETY: codec_zlib_rs_compress/Ownership: both are borrowed, and
        // that long.
        let (data, out) = unsafe { (input(data, len)?, output(out, room)?) };
        let made = encoder.compress(data, out)?;
        // SAFETY: codec_zlib_rs_compress/Ownership: it may be written to.
        unsafe { put(made_out, made) }
    })
}

/// Free @encoder.
///
/// Ownership: transfers @encoder to the library; NULL is allowed
/// Lifetime: @encoder is invalid afterwards
/// Threads: any thread, but no other may use @encoder
/// Errors: none
#[unsafe(no_mangle)]
pub extern "C" fn codec_zlib_rs_encoder_free(encoder: Option<Box<Packer>>) {
    guard(|| {
        drop(encoder);
        Ok(())
    });
}

/// Make a decoder.
///
/// Ownership: transfers *@decoder_out to the caller, who frees it with
///   codec_zlib_rs_decoder_free()
/// Lifetime: until codec_zlib_rs_decoder_free()
/// Threads: any thread, at any time
/// Errors: CODEC_ZLIB_RS_ANSWER_INVALID, CODEC_ZLIB_RS_ANSWER_PANIC;
///   *@decoder_out is unchanged then
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codec_zlib_rs_decoder_new(
    decoder_out: *mut *mut Unpacker,
) -> Answer {
    guard(|| {
        if decoder_out.is_null() {
            return Err(Answer::Invalid);
        }
        let decoder = Box::new(Unpacker(Some(ZlibRs::decoder()?)));
        // SAFETY: codec_zlib_rs_decoder_new/Ownership: it may be written to.
        unsafe { put(decoder_out, Box::into_raw(decoder)) }
    })
}

/// Decompress the deflate stream at the start of the @len bytes at @data, which
/// has to make exactly @out_len bytes at @out.
///
/// Ownership: borrows @decoder, @data and @out for the call; writes
///   *@used_out, the length of the stream
/// Lifetime: nothing is kept from one call to the next
/// Threads: any thread, but no other may use @decoder at the same time
/// Errors: CODEC_ZLIB_RS_ANSWER_CORRUPT, CODEC_ZLIB_RS_ANSWER_INVALID also if
///   @len or @out_len is more than CODEC_ZLIB_RS_LEN_MAX,
///   CODEC_ZLIB_RS_ANSWER_PANIC; *@used_out is unchanged then, and what is at
///   @out is not defined
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codec_zlib_rs_decompress(
    decoder: Option<&mut Unpacker>,
    data: *const c_void,
    len: usize,
    out: *mut c_void,
    out_len: usize,
    used_out: *mut usize,
) -> Answer {
    run(decoder.map(|unpacker| &mut unpacker.0), |decoder| {
        if used_out.is_null() {
            return Err(Answer::Invalid);
        }
        // SAFETY: codec_zlib_rs_decompress/Ownership: both are borrowed, and
        // that long.
        let (data, out) = unsafe { (input(data, len)?, output(out, out_len)?) };
        let used = decoder.decompress(data, out)?;
        // SAFETY: codec_zlib_rs_decompress/Ownership: it may be written to.
        unsafe { put(used_out, used) }
    })
}

/// Free @decoder.
///
/// Ownership: transfers @decoder to the library; NULL is allowed
/// Lifetime: @decoder is invalid afterwards
/// Threads: any thread, but no other may use @decoder
/// Errors: none
#[unsafe(no_mangle)]
pub extern "C" fn codec_zlib_rs_decoder_free(decoder: Option<Box<Unpacker>>) {
    guard(|| {
        drop(decoder);
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panicked_is_used_no_more() {
        struct Bad;
        impl Drop for Bad {
            fn drop(&mut self) {
                panic!("so does its drop");
            }
        }
        let mut slot = Some(Bad);
        let answer = run(Some(&mut slot), |_| panic!("the codec panics"));
        assert_eq!(answer, Answer::Panic);
        assert!(slot.is_none());
        let answer = run(Some(&mut slot), |_| Ok(()));
        assert_eq!(answer, Answer::Panic);
    }
}
