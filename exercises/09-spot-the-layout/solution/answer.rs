//! A layout that differs in five places.
#![allow(non_camel_case_types)]

use std::ffi::{c_char, c_int, c_uint};
use std::mem::MaybeUninit;

pub const FRAME_LEAST: usize = 32;
pub const FRAME_DATA_MAX: usize = 24;
pub const FRAME_KIND_DATA: u8 = 1;
pub const FRAME_KIND_ACK: u8 = 2;

#[repr(C, packed)]
#[derive(Clone, Copy)]
pub struct frame_head {
    pub sync: u8,
    pub length: u16,
    pub number: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct frame_flags {
    pub bits: c_uint,
}

/// Where the bitfields of C lie in `bits`.
impl frame_flags {
    pub const URGENT_SHIFT: u32 = 0;
    pub const URGENT_MASK: c_uint = 1;
    pub const HOPS_SHIFT: u32 = 1;
    pub const HOPS_MASK: c_uint = 0b11111 << Self::HOPS_SHIFT;
    pub const CHANNEL_SHIFT: u32 = 6;
    pub const CHANNEL_MASK: c_uint = 0x3ff << Self::CHANNEL_SHIFT;
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct frame_ack {
    pub number: u32,
    pub signal: i16,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub union frame_body {
    pub ack: frame_ack,
    pub data: [u8; FRAME_DATA_MAX],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct frame {
    pub head: frame_head,
    pub sender: [c_char; 6],
    pub flags: frame_flags,
    pub sent: u16,
    pub received: u16,
    pub kind: u8,
    pub body: frame_body,
}

unsafe extern "C" {
    fn frame_decode(
        bytes: *const u8,
        len: usize,
        frame_out: *mut frame,
    ) -> c_int;
}

#[repr(C)]
struct Report {
    body: i64,
    number: u32,
    length: u32,
    hops: u32,
    channel: u32,
    ticks: i32,
    sync: u8,
    urgent: bool,
    sender: [c_char; 6],
}

/// Takes a frame apart, and reports of each part. Returns -1 if the bytes are
/// no frame.
#[unsafe(no_mangle)]
extern "C" fn describe(bytes: *const u8, len: usize, out: *mut Report) -> i32 {
    if len < FRAME_LEAST {
        return -1;
    }
    let mut frame = MaybeUninit::<frame>::uninit();
    // SAFETY: task.md: the caller passes that many bytes. There is room for a
    // frame.
    if unsafe { frame_decode(bytes, len, frame.as_mut_ptr()) } != 0 {
        return -1;
    }
    // SAFETY: task.md: frame_decode: it has written all of it.
    let frame = unsafe { frame.assume_init() };
    let body = match frame.kind {
        // SAFETY: task.md: this member is the one of that kind.
        FRAME_KIND_ACK => unsafe {
            i64::from(frame.body.ack.number) * i64::from(frame.body.ack.signal)
        },
        // SAFETY: task.md: any bytes are numbers, and all of them were written.
        _ => unsafe {
            frame.body.data.iter().map(|&byte| i64::from(byte)).sum()
        },
    };
    let flags = frame.flags.bits;
    let report = Report {
        body,
        number: frame.head.number,
        length: frame.head.length.into(),
        hops: (flags & frame_flags::HOPS_MASK) >> frame_flags::HOPS_SHIFT,
        channel: (flags & frame_flags::CHANNEL_MASK)
            >> frame_flags::CHANNEL_SHIFT,
        ticks: i32::from(frame.received) - i32::from(frame.sent),
        sync: frame.head.sync,
        urgent: flags & frame_flags::URGENT_MASK != 0,
        sender: frame.sender,
    };
    // SAFETY: task.md: the caller passes a place for the report.
    unsafe { out.write(report) };
    0
}
