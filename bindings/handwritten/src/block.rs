// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/block.h`: unpacked blocks as counted views.

use core::ffi::c_void;
use core::marker::{PhantomData, PhantomPinned};

/// An unpacked block: only C knows what is in it.
#[repr(C)]
#[derive(Debug)]
pub struct sgz_block {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

unsafe extern "C" {
    /// The bytes of `block`.
    pub fn sgz_block_get_data(
        block: *const sgz_block,
        len_out: *mut usize,
    ) -> *const c_void;

    /// The uncompressed offset of the first byte of `block`.
    pub fn sgz_block_get_offset(block: *const sgz_block) -> u64;

    /// Take one more reference to `block`.
    pub fn sgz_block_ref(block: *mut sgz_block) -> *mut sgz_block;

    /// Give up one reference to `block`; the last one frees it.
    pub fn sgz_block_unref(block: *mut sgz_block);
}
