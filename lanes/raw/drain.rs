// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading to the end, and C's convention for errors as Rust's.

use std::ptr::{null, null_mut};

use super::super::sys::*;

/// C's convention as Rust's: what `?` needs.
fn check(rc: sgz_status) -> Result<(), sgz_status> {
    if rc == sgz_status::SGZ_OK {
        Ok(())
    } else {
        Err(rc)
    }
}

/// The code that a result stands for.
pub fn code(result: Result<(), sgz_status>) -> i32 {
    result.err().unwrap_or(sgz_status::SGZ_OK).0
}

/// Read `reader` to its end, or to the first failure; count the bytes.
///
/// # Safety
///
/// `reader` is open, and nothing that it lent is used afterwards. `err` is
/// NULL, or valid for a write.
pub unsafe fn drain(
    reader: *mut sgz_reader,
    total: &mut usize,
    err: *mut sgz_error,
) -> Result<(), sgz_status> {
    let mut page = [0_u8; 4096];
    let mut got = 1;

    *total = 0;
    while got > 0 {
        let (page, len) = (page.as_mut_ptr().cast(), page.len());
        // SAFETY: sgz_reader_read/Ownership: page is borrowed for the call.
        // /Lifetime: drain/Safety.
        check(unsafe { sgz_reader_read(reader, page, len, &mut got, err) })?;
        *total += got;
    }
    Ok(())
}

/// Fill `page` as far as there is data; false: a failure.
///
/// # Safety
///
/// As [`drain`].
pub unsafe fn fill(
    reader: *mut sgz_reader,
    page: &mut [u8],
    got: &mut usize,
) -> bool {
    let (page, len) = (page.as_mut_ptr().cast(), page.len());
    // SAFETY: sgz_reader_read/Ownership: page is borrowed for the call, and
    // no more than len bytes of it are written. /Lifetime: drain/Safety.
    let rc = unsafe { sgz_reader_read(reader, page, len, got, null_mut()) };
    rc == sgz_status::SGZ_OK
}

/// Read the gzip in `gz` to its end, or to its failure, under `observer`.
pub fn read_all(gz: &[u8], observer: &sgz_observer) -> sgz_status {
    let (mut reader, no_err, mut total) = (null_mut(), null_mut(), 0);
    let (ptr, len) = (gz.as_ptr().cast(), gz.len());
    let mut rc;
    // SAFETY: sgz_reader_open_memory/Lifetime: gz stays until the close below.
    // sgz_reader_set_observer/Lifetime: and so does what observer refers to.
    // drain/Safety: it is open.
    // sgz_reader_close/Ownership: NULL, if it was not opened, is allowed.
    unsafe {
        rc = sgz_reader_open_memory(ptr, len, null(), &mut reader, no_err);
        if rc == sgz_status::SGZ_OK {
            let _ = sgz_reader_set_observer(reader, observer, no_err);
            rc = sgz_status(code(drain(reader, &mut total, no_err)));
        }
        sgz_reader_close(reader);
    }
    rc
}
