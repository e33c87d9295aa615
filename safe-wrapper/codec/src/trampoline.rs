// SPDX-License-Identifier: MIT OR Apache-2.0
//! What C calls: each function of the table, for any codec.
//!
//! An encoder or decoder is a `Box<Slot<T>>` on C's side.

use std::ffi::c_void;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::slice;

use crate::{BlockCodec, CodecError, Decode, Encode, raw};

/// An encoder or a decoder, until it panics.
struct Slot<T>(Option<T>);

/// Runs `work`; a panic is [`CodecError::Broken`].
fn caught<R>(
    work: impl FnOnce() -> Result<R, CodecError>,
) -> Result<R, CodecError> {
    // What a panic leaves behind, nobody uses again: see `run`.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        discard(payload);
        Err(CodecError::Broken)
    })
}

/// Drops `value`, which may panic. What such a panic carries is forgotten,
/// because its drop might panic too.
fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        mem::forget(payload);
    }
}

/// Runs `work` with what is in `slot`, which is dropped if it panics.
fn run<T, R>(
    slot: &mut Slot<T>,
    work: impl FnOnce(&mut T) -> Result<R, CodecError>,
) -> Result<R, CodecError> {
    let Some(coder) = &mut slot.0 else {
        return Err(CodecError::Broken);
    };
    let mut ended = false;
    let result = caught(|| {
        let result = work(coder);
        ended = true;
        result
    });
    if !ended {
        discard(slot.0.take());
    }
    result
}

fn to_c<T>(made: Result<T, CodecError>) -> *mut c_void {
    made.map_or(ptr::null_mut(), |coder| {
        Box::into_raw(Box::new(Slot(Some(coder)))).cast()
    })
}

/// What C is told, and where it finds the length.
///
/// # Safety
///
/// `len_out` may be written to.
unsafe fn answer(
    result: Result<usize, CodecError>,
    len_out: *mut usize,
) -> raw::sgz_codec_answer {
    match result {
        Ok(len) => {
            // SAFETY: answer/Safety: the caller's promise.
            unsafe { len_out.write(len) };
            raw::sgz_codec_answer::SGZ_CODEC_DONE
        }
        Err(CodecError::NoRoom) => raw::sgz_codec_answer::SGZ_CODEC_NO_ROOM,
        Err(CodecError::Corrupt) => raw::sgz_codec_answer::SGZ_CODEC_CORRUPT,
        Err(CodecError::Broken) => raw::sgz_codec_answer::SGZ_CODEC_BROKEN,
    }
}

/// The output as a slice of zeros: what C has there may be uninitialised.
///
/// # Safety
///
/// There are `len` bytes at `out`, which nobody else uses during `'a`.
unsafe fn zeroed<'a>(out: *mut c_void, len: usize) -> &'a mut [u8] {
    let out: *mut u8 = out.cast();
    // SAFETY: zeroed/Safety: the caller's promise.
    unsafe { out.write_bytes(0, len) };
    // SAFETY: std slice::from_raw_parts_mut: zeroed/Safety; they are
    // initialised, and a block is small.
    unsafe { slice::from_raw_parts_mut(out, len) }
}

pub(crate) unsafe extern "C" fn new_encoder<C: BlockCodec>(
    level: i32,
    _allocator: *const raw::sgz_allocator,
) -> *mut c_void {
    to_c(caught(|| C::encoder(level)))
}

pub(crate) unsafe extern "C" fn new_decoder<C: BlockCodec>(
    _allocator: *const raw::sgz_allocator,
) -> *mut c_void {
    to_c(caught(C::decoder))
}

pub(crate) unsafe extern "C" fn compress_block<E: Encode>(
    encoder: *mut c_void,
    input: *const c_void,
    in_len: usize,
    out: *mut c_void,
    room: usize,
    made_out: *mut usize,
) -> raw::sgz_codec_answer {
    // SAFETY: sgz_codec_vtable.new_encoder/Ownership: it is what to_c() made.
    // sgz_codec_vtable.new_encoder/Lifetime: until free() is called.
    // sgz_codec_vtable.compress_block/Threads: one thread at a time, and E is
    // Send.
    let slot = unsafe { &mut *encoder.cast::<Slot<E>>() };
    // SAFETY: sgz_codec_vtable.compress_block/Ownership: in_len bytes are
    // borrowed for the call. /Lifetime: compress() cannot keep what it borrows.
    let input = unsafe { slice::from_raw_parts(input.cast(), in_len) };
    // SAFETY: sgz_codec_vtable.compress_block/Ownership: room bytes are
    // borrowed for the call, and are not the input.
    let out = unsafe { zeroed(out, room) };
    let result = run(slot, |encoder| encoder.compress(input, out));
    // SAFETY: sgz_codec_vtable.compress_block/Errors: the length goes to
    // *made_out.
    unsafe { answer(result, made_out) }
}

pub(crate) unsafe extern "C" fn decompress_block<D: Decode>(
    decoder: *mut c_void,
    input: *const c_void,
    in_len: usize,
    out: *mut c_void,
    out_len: usize,
    _room: usize,
    used_out: *mut usize,
) -> raw::sgz_codec_answer {
    // SAFETY: sgz_codec_vtable.new_decoder/Ownership: it is what to_c() made.
    // sgz_codec_vtable.new_decoder/Lifetime: until free() is called.
    // sgz_codec_vtable.decompress_block/Threads: one thread at a time, and D
    // is Send.
    let slot = unsafe { &mut *decoder.cast::<Slot<D>>() };
    // SAFETY: sgz_codec_vtable.decompress_block/Ownership: in_len bytes are
    // borrowed for the call. /Lifetime: decompress() cannot keep what it borrows.
    let input = unsafe { slice::from_raw_parts(input.cast(), in_len) };
    // SAFETY: sgz_codec_vtable.decompress_block/Ownership: at least out_len
    // bytes are borrowed for the call, and are not the input.
    let out = unsafe { zeroed(out, out_len) };
    let result = run(slot, |decoder| decoder.decompress(input, out));
    // SAFETY: sgz_codec_vtable.decompress_block/Errors: the length goes to
    // *used_out.
    unsafe { answer(result, used_out) }
}

/// Frees an encoder or a decoder.
pub(crate) unsafe extern "C" fn free<T: Send + 'static>(coder: *mut c_void) {
    // SAFETY: sgz_codec_vtable.free_encoder/Ownership,
    // sgz_codec_vtable.free_decoder/Ownership: what new_encoder() or
    // new_decoder() gave comes back, once.
    // sgz_codec_vtable.free_encoder/Lifetime,
    // sgz_codec_vtable.free_decoder/Lifetime: nobody uses it afterwards.
    // sgz_codec_vtable.free_encoder/Errors,
    // sgz_codec_vtable.free_decoder/Errors: discard() keeps a panic.
    // sgz_codec_vtable.free_encoder/Threads,
    // sgz_codec_vtable.free_decoder/Threads: T is Send.
    let slot = unsafe { Box::from_raw(coder.cast::<Slot<T>>()) };
    discard(slot);
}
