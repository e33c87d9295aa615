// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/memory.h`: where memory comes from, and buffers that cross the
//! boundary.

use core::ffi::{c_uchar, c_void};
use core::ptr;

use crate::error::{sgz_error, sgz_status};

/// A memory allocator: three functions and their context.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_allocator {
    /// Allocate `size` bytes.
    pub alloc: Option<
        unsafe extern "C" fn(ctx: *mut c_void, size: usize) -> *mut c_void,
    >,
    /// Resize the block at `ptr` to `size` bytes.
    pub realloc: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            ptr: *mut c_void,
            size: usize,
        ) -> *mut c_void,
    >,
    /// Free the block at `ptr`.
    pub free: Option<unsafe extern "C" fn(ctx: *mut c_void, ptr: *mut c_void)>,
    /// Passed to all three functions.
    pub ctx: *mut c_void,
}

unsafe extern "C" {
    /// malloc, realloc and free of the C library that libsgz is linked with.
    //
    // Safe: it is const in C, so nobody writes it. It is still unsafe to call
    // its functions.
    pub safe static sgz_allocator_libc: sgz_allocator;

    /// Make a copy of `allocator` the default for all later allocations.
    pub fn sgz_allocator_set_default(
        allocator: *const sgz_allocator,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Allocate `size` bytes from the default allocator.
    pub fn sgz_alloc(size: usize) -> *mut c_void;

    /// Free a block that has to be freed with `sgz_free()`.
    pub fn sgz_free(ptr: *mut c_void);
}

/// An array of bytes that grows. The caller owns the struct, and the library
/// allocates the memory.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_buffer {
    /// NULL until bytes are put in.
    pub data: *mut c_uchar,
    /// Bytes of content.
    pub len: usize,
    /// Bytes that were allocated.
    pub capacity: usize,
    /// NULL means the default.
    pub allocator: *const sgz_allocator,
}

/// An empty buffer.
pub const SGZ_BUFFER_INIT: sgz_buffer = sgz_buffer {
    data: ptr::null_mut(),
    len: 0,
    capacity: 0,
    allocator: ptr::null(),
};

unsafe extern "C" {
    /// Make `buffer` empty, and let it grow with `allocator`.
    pub fn sgz_buffer_init(
        buffer: *mut sgz_buffer,
        allocator: *const sgz_allocator,
    );

    /// Free the memory of `buffer` and make it empty again.
    pub fn sgz_buffer_release(buffer: *mut sgz_buffer);
}
