//! Bytes that go from C to Rust and from Rust to C, and stay where they are.

use std::ffi::{c_int, c_void};

#[repr(C)]
struct RawPacket {
    _opaque: [u8; 0],
}

#[repr(C)]
struct RawChannel {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn channel_open() -> *mut RawChannel;
    fn channel_receive(channel: *mut RawChannel, len: usize) -> *mut RawPacket;
    fn channel_send(
        channel: *mut RawChannel,
        data: *const c_void,
        len: usize,
        release: extern "C" fn(ctx: *mut c_void),
        ctx: *mut c_void,
    ) -> c_int;
    fn channel_flush(channel: *mut RawChannel) -> u64;
    fn channel_close(channel: *mut RawChannel);
    fn packet_data(packet: *const RawPacket, len_out: *mut usize) -> *const u8;
    fn packet_release(packet: *mut RawPacket);
}

/// Bytes of C's, which C gets back when it is dropped.
pub struct Packet {
    raw: *mut RawPacket,
}

pub struct Channel {
    raw: *mut RawChannel,
}

// TODO:
// impl Packet {
//     bytes: the bytes, where C has them, as long as the packet is there
// }
// impl Channel {
//     open: None if there is no memory
//     receive: a packet of `len` bytes (usize); None if there is no memory
//     send: what has bytes (AsRef<[u8]>), and is C's from now on;
//           false if the channel is full
//     flush: C reads all that was sent, and gives it back; its sum (u64)
// }
// A packet may be used by another thread, and by several.
