// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the header says in macros, written again in Rust: against what the
//! library itself says.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use sgz_sys_handwritten::*;

#[test]
fn the_version_is_the_librarys() {
    assert_eq!(sgz_version_number(), SGZ_VERSION_NUMBER);
    let text = (&raw const sgz_version_text).cast();
    // SAFETY: std CStr::from_ptr: a string of C that never changes.
    let text = unsafe { CStr::from_ptr(text) };
    assert_eq!(text, SGZ_VERSION_STRING);
    assert!(SGZ_VERSION_MAKE(0, 1, 0) < SGZ_VERSION_MAKE(0, 1, 1));
    assert!(SGZ_VERSION_MAKE(0, 255, 255) < SGZ_VERSION_MAKE(1, 0, 0));
}

#[test]
fn the_block_sizes_are_the_constants() {
    assert_eq!(sgz_block_sizes[1..], [SGZ_BLOCK_DEFAULT, SGZ_BLOCK_MAX]);
}

#[test]
fn the_initialiser_is_what_the_function_sets() {
    let mut options = MaybeUninit::<sgz_options>::uninit();
    // SAFETY: sgz_options_init/Ownership: borrowed for the call, of that size.
    let status = unsafe {
        sgz_options_init(options.as_mut_ptr(), size_of::<sgz_options>())
    };
    assert_eq!(status, sgz_status::SGZ_OK);
    // SAFETY: sgz_options_init/Errors: it succeeded, and set every field.
    let options = unsafe { options.assume_init() };
    assert_eq!(format!("{options:?}"), format!("{SGZ_OPTIONS_INIT:?}"));
}

#[test]
fn an_initialised_buffer_is_the_initialiser() {
    let mut buffer = MaybeUninit::<sgz_buffer>::uninit();
    // SAFETY: sgz_buffer_init/Ownership: borrowed for the call; no allocator.
    unsafe { sgz_buffer_init(buffer.as_mut_ptr(), std::ptr::null()) };
    // SAFETY: sgz_buffer_init/Errors: none: it set every field.
    let buffer = unsafe { buffer.assume_init() };
    assert_eq!(format!("{buffer:?}"), format!("{SGZ_BUFFER_INIT:?}"));
}

#[test]
fn only_what_is_negative_is_an_error() {
    assert!(!SGZ_IS_ERROR(sgz_status::SGZ_OK));
    assert!(SGZ_IS_ERROR(sgz_status::SGZ_E_INVALID));
    assert!(SGZ_IS_ERROR(sgz_status::SGZ_E_EXISTS));
    assert!(SGZ_IS_ERROR(sgz_status(-1000)));
    assert!(!SGZ_IS_ERROR(SGZ_ERROR_INIT.status));
}

#[test]
fn each_kind_has_a_bit_of_its_own() {
    let kinds = [
        sgz_event_kind::SGZ_EVENT_MEMBER,
        sgz_event_kind::SGZ_EVENT_BLOCK,
        sgz_event_kind::SGZ_EVENT_PROGRESS,
        sgz_event_kind::SGZ_EVENT_LOG,
    ];
    let bits = kinds.map(SGZ_EVENT_BIT);
    assert_eq!(bits, [1, 2, 4, 8]);
    assert!(bits.iter().all(|bit| SGZ_EVENT_ALL & bit == *bit));
}
