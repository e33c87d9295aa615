// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/pool.h`: threads that readers and writers share.

use core::marker::{PhantomData, PhantomPinned};

use crate::error::{sgz_error, sgz_status};
use crate::memory::sgz_allocator;

/// A pool of threads: only C knows what is in it.
#[repr(C)]
#[derive(Debug)]
pub struct sgz_pool {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

/// As many threads as there are processors for this process.
pub const SGZ_POOL_DEFAULT: u32 = 0;
/// More than this many threads are not started.
pub const SGZ_POOL_MOST: u32 = 256;

unsafe extern "C" {
    /// Make a pool for `threads` threads, or for `least` of them.
    pub fn sgz_pool_new(
        threads: u32,
        least: u32,
        allocator: *const sgz_allocator,
        pool_out: *mut *mut sgz_pool,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// How many threads work for a handle that has `pool`.
    pub fn sgz_pool_get_threads(pool: *const sgz_pool) -> u32;

    /// Take one more reference to `pool`.
    pub fn sgz_pool_ref(pool: *mut sgz_pool) -> *mut sgz_pool;

    /// Give up one reference to `pool`; the last one ends its threads.
    pub fn sgz_pool_unref(pool: *mut sgz_pool);
}
