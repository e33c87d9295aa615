// SPDX-License-Identifier: MIT OR Apache-2.0
//! `host/include/ferrule/lane.h`, typed by hand, in its order.
//!
//! Each function is an `Option`, as C's pointers are; one that lies beyond the
//! `size` that the host gives its struct is not there.

#![allow(non_camel_case_types, reason = "the names are C's")]
#![allow(missing_docs, reason = "lane.h documents them")]

use core::ffi::{c_char, c_uchar, c_void};

pub const FERRULE_ABI: u32 = 2;

/// What a lesson works on.
#[repr(C)]
pub struct ferrule_input {
    pub data: *const c_uchar,
    pub len: usize,
    pub path: *const c_char,
    pub name: *const c_char,
    pub size: u64,
}

/// The functions with which a lesson records its facts.
#[repr(C)]
pub struct ferrule_recorder_ops {
    pub size: usize,
    pub step: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            name: *const c_char,
            name_len: usize,
        ),
    >,
    pub integer: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            label: *const c_char,
            label_len: usize,
            value: i64,
        ),
    >,
    pub text: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            label: *const c_char,
            label_len: usize,
            text: *const c_char,
            len: usize,
        ),
    >,
    pub bytes: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            label: *const c_char,
            label_len: usize,
            data: *const c_void,
            len: usize,
        ),
    >,
    pub status: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            label: *const c_char,
            label_len: usize,
            status: i32,
        ),
    >,
    pub error: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            label: *const c_char,
            label_len: usize,
            status: i32,
            sys_errno: i32,
            offset: i64,
            text: *const c_char,
            len: usize,
        ),
    >,
    pub note: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            text: *const c_char,
            len: usize,
        ),
    >,
    pub prevented: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            by: *const c_char,
            len: usize,
        ),
    >,
    pub task: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            name: *const c_char,
            name_len: usize,
        ),
    >,
    pub unordered:
        Option<unsafe extern "C" fn(rec: *mut ferrule_recorder, on: i32)>,
}

/// The host's own state follows this struct.
#[repr(C)]
pub struct ferrule_recorder {
    pub ops: *const ferrule_recorder_ops,
}

/// What the host offers to a lane.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ferrule_host {
    pub abi: u32,
    pub size: u32,
    pub alloc:
        Option<unsafe extern "C" fn(size: usize, align: usize) -> *mut c_void>,
    pub alloc_zeroed:
        Option<unsafe extern "C" fn(size: usize, align: usize) -> *mut c_void>,
    pub realloc: Option<
        unsafe extern "C" fn(
            ptr: *mut c_void,
            size: usize,
            align: usize,
            new_size: usize,
        ) -> *mut c_void,
    >,
    pub dealloc: Option<
        unsafe extern "C" fn(ptr: *mut c_void, size: usize, align: usize),
    >,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ferrule_lesson {
    pub name: *const c_char,
    pub source: *const c_char,
    pub run: Option<
        unsafe extern "C" fn(
            rec: *mut ferrule_recorder,
            input: *const ferrule_input,
        ),
    >,
}

#[repr(C)]
pub struct ferrule_lane {
    pub abi: u32,
    pub order: u32,
    pub name: *const c_char,
    pub title: *const c_char,
    pub lesson_count: usize,
    pub lessons: *const ferrule_lesson,
}

/// What a lane exports as `ferrule_lane()`.
pub type ferrule_lane_fn = Option<
    unsafe extern "C" fn(host: *const ferrule_host) -> *const ferrule_lane,
>;
