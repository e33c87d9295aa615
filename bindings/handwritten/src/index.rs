// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/index.h`: where each BGZF block starts.

use core::ffi::{c_char, c_int};
use core::marker::{PhantomData, PhantomPinned};

use crate::error::{sgz_error, sgz_status};
use crate::options::sgz_options;
use crate::reader::sgz_reader;

/// An index: only C knows its fields.
///
/// It has no size, so that nobody can make or move one. It is not `Send`,
/// `Sync` or `Unpin`, so that a wrapper has to declare these itself.
#[repr(C)]
#[derive(Debug)]
pub struct sgz_index {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

/// One block.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_index_entry {
    /// Of its header, in the compressed file.
    pub compressed_offset: u64,
    /// Of its first byte, uncompressed.
    pub offset: u64,
}

unsafe extern "C" {
    /// Make an index of `count` entries.
    pub fn sgz_index_from_entries(
        entries: *const sgz_index_entry,
        count: usize,
        options: *const sgz_options,
        index_out: *mut *mut sgz_index,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Load the `.gzi` file at `path`.
    pub fn sgz_index_load(
        path: *const c_char,
        options: *const sgz_options,
        index_out: *mut *mut sgz_index,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Load a `.gzi` file from `fd`, from its current position to its end.
    pub fn sgz_index_load_fd(
        fd: c_int,
        options: *const sgz_options,
        index_out: *mut *mut sgz_index,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Build the index of the file that `reader` reads.
    pub fn sgz_index_build(
        reader: *mut sgz_reader,
        verify: bool,
        index_out: *mut *mut sgz_index,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Save `index` as a `.gzi` file at `path`, completely or not at all.
    pub fn sgz_index_save(
        index: *const sgz_index,
        path: *const c_char,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Write `index` as a `.gzi` file to `fd`, at its current position.
    pub fn sgz_index_save_fd(
        index: *const sgz_index,
        fd: c_int,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// All entries of `index`, as one array.
    pub fn sgz_index_get_entries(
        index: *const sgz_index,
        count_out: *mut usize,
    ) -> *const sgz_index_entry;

    /// The array position of the entry for the block that holds `offset`.
    pub fn sgz_index_locate(index: *const sgz_index, offset: u64) -> usize;

    /// Take one more reference to `index`.
    pub fn sgz_index_ref(index: *mut sgz_index) -> *mut sgz_index;

    /// Release one reference to `index`.
    pub fn sgz_index_unref(index: *mut sgz_index);
}
