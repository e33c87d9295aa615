// SPDX-License-Identifier: MIT OR Apache-2.0
//! Views of the library's blocks, what is given away to it, and a codec that
//! says where it has the bytes.

use core::ffi::c_void;
use std::cell::Cell;
use std::mem;
use std::ptr::{NonNull, null, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use super::super::sys::*;
use super::borrowed_slice;

/// The bytes of `block`, for as long as its last reference.
///
/// # Safety
///
/// `block` is alive, and so it is for `'a`.
#[must_use]
pub unsafe fn block_bytes<'a>(block: *const sgz_block) -> &'a [u8] {
    let mut len = 0;
    // SAFETY: sgz_block_get_data/Errors: len is written. /Lifetime:
    // block_bytes/Safety. borrowed_slice/Safety: no block ever changes.
    unsafe {
        let data = sgz_block_get_data(block, &mut len);
        borrowed_slice(data.cast(), len)
    }
}

/// Some bytes of a block, and the reference that keeps them.
pub struct View {
    block: *mut sgz_block,
    data: *const u8,
    len: usize,
}

// SAFETY: sgz_block_get_data/Threads, sgz_block_unref/Threads: any thread that
// has a reference.
unsafe impl Send for View {}

impl View {
    /// `len` bytes of `block` from `at` on, with a reference of their own.
    ///
    /// # Safety
    ///
    /// `block` is alive, and has so many bytes.
    #[must_use]
    pub unsafe fn part(block: *mut sgz_block, at: usize, len: usize) -> Self {
        // SAFETY: block_bytes/Safety, View::part/Safety: it is alive.
        let data = unsafe { &block_bytes(block)[at..at + len] };
        Self {
            // SAFETY: sgz_block_ref/Ownership: one more reference, the view's.
            block: unsafe { sgz_block_ref(block) },
            data: data.as_ptr(),
            len,
        }
    }

    /// Give up its reference.
    ///
    /// # Safety
    ///
    /// What `bytes` gave is not used afterwards.
    pub unsafe fn release(self) {
        // SAFETY: sgz_block_unref/Ownership: the reference is the view's own.
        // /Threads: any thread. View::release/Safety: no bytes are used.
        unsafe { sgz_block_unref(self.block) };
    }

    /// The bytes.
    ///
    /// # Safety
    ///
    /// The view has its reference for `'a`.
    #[must_use]
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        // SAFETY: borrowed_slice/Safety: View::bytes/Safety.
        unsafe { borrowed_slice(self.data, self.len) }
    }
}

/// What is given away to the library, and how often it came back.
pub struct Gift {
    /// The reference that is given.
    pub block: *mut sgz_block,
    /// How often `release` was called.
    pub released: Cell<i64>,
}

impl Gift {
    /// Of a reference to `block`.
    #[must_use]
    pub const fn of(block: *mut sgz_block) -> Self {
        Self {
            block,
            released: Cell::new(0),
        }
    }

    /// For the library: `data`, which the gift's reference keeps.
    #[must_use]
    pub fn owned(&self, data: &[u8]) -> sgz_owned {
        sgz_owned {
            data: data.as_ptr().cast(),
            len: data.len(),
            release: Some(gift_release),
            ctx: (&raw const *self).cast_mut().cast(),
        }
    }
}

/// `sgz_owned.release`, of the [`Gift`] at `ctx`.
///
/// # Safety
///
/// To be called by C only, with a live gift for `ctx`.
unsafe extern "C" fn gift_release(ctx: *mut c_void) {
    // SAFETY: sgz_owned.release/Ownership: the gift is this side's again.
    // /Threads: on the writer's thread, so a Cell will do.
    // sgz_block_unref/Ownership: the reference was the gift's.
    unsafe {
        let gift = &*ctx.cast::<Gift>();
        sgz_block_unref(gift.block);
        gift.released.set(gift.released.get() + 1);
    }
}

/// Where the bytes were that were to be compressed last. A codec gets no ctx.
static SEEN: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// Where the library had the bytes when it was to compress them.
pub fn witness_seen() -> *const c_void {
    SEEN.load(Relaxed).cast_const()
}

/// Compress with the codec that looks, on two threads: what is lent is copied
/// for the other.
pub fn add_witness(options: &mut sgz_options) {
    // SAFETY: sgz_pool_new/Ownership, sgz_codec_new/Ownership: one reference
    // each, given up in remove_witness(). sgz_codec_new/Lifetime: the functions
    // are the lane's own.
    unsafe {
        let (codec, pool) = (&mut options.codec, &mut options.pool);
        let _ = sgz_pool_new(2, 2, null(), pool, null_mut());
        let _ = sgz_codec_new(&witness(), null(), codec, null_mut());
    }
}

/// The end of [`add_witness`].
pub fn remove_witness(options: &mut sgz_options) {
    // SAFETY: sgz_codec_unref/Ownership, sgz_pool_unref/Ownership: each was
    // ours, and is given up once.
    unsafe {
        sgz_codec_unref(mem::replace(&mut options.codec, null_mut()));
        sgz_pool_unref(mem::replace(&mut options.pool, null_mut()));
    }
}

/// A codec that compresses nothing: it looks where the bytes are.
fn witness() -> sgz_codec_vtable {
    sgz_codec_vtable {
        size: size_of::<sgz_codec_vtable>(),
        abi: SGZ_CODEC_ABI,
        level_least: 1,
        level_most: 9,
        level_default: 6,
        name: c"witness".as_ptr(),
        version: c"1".as_ptr(),
        new_encoder: Some(new_encoder),
        compress_block: Some(compress),
        free_encoder: Some(free),
        new_decoder: Some(new_decoder),
        decompress_block: Some(decompress),
        decompress_part: None,
        free_decoder: Some(free),
    }
}

unsafe extern "C" fn new_encoder(
    _: i32,
    _: *const sgz_allocator,
) -> *mut c_void {
    NonNull::dangling().as_ptr() // anything but NULL
}

unsafe extern "C" fn new_decoder(_: *const sgz_allocator) -> *mut c_void {
    NonNull::dangling().as_ptr()
}

unsafe extern "C" fn compress(
    _: *mut c_void,
    input: *const c_void,
    _: usize,
    _: *mut c_void,
    _: usize,
    _: *mut usize,
) -> sgz_codec_answer {
    SEEN.store(input.cast_mut(), Relaxed); // only compared, never read
    sgz_codec_answer::SGZ_CODEC_NO_ROOM // then the block is stored
}

unsafe extern "C" fn decompress(
    _: *mut c_void,
    _: *const c_void,
    _: usize,
    _: *mut c_void,
    _: usize,
    _: usize,
    _: *mut usize,
) -> sgz_codec_answer {
    sgz_codec_answer::SGZ_CODEC_BROKEN
}

unsafe extern "C" fn free(_: *mut c_void) {}
