//! Bytes that go from C to Rust and from Rust to C, and stay where they are.

use std::ffi::{c_int, c_void};
use std::slice;

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

// SAFETY: task.md: packet_release: any thread may release a packet.
unsafe impl Send for Packet {}
// SAFETY: task.md: the bytes of a packet do not change.
unsafe impl Sync for Packet {}

impl Packet {
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let mut len = 0;
        // SAFETY: task.md: packet_data: the bytes are valid until
        // packet_release(), which the borrow of `self` rules out.
        unsafe {
            let data = packet_data(self.raw, &raw mut len);
            slice::from_raw_parts(data, len)
        }
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        // SAFETY: task.md: it is ours, and nobody uses it after this.
        unsafe { packet_release(self.raw) }
    }
}

/// Ends what `Channel::send` began.
extern "C" fn released<B>(ctx: *mut c_void) {
    // SAFETY: task.md: it is of Box::into_raw in send(), of this type, and C
    // calls this once.
    drop(unsafe { Box::from_raw(ctx.cast::<B>()) });
}

pub struct Channel {
    raw: *mut RawChannel,
}

impl Channel {
    /// None if there is no memory.
    #[must_use]
    pub fn open() -> Option<Self> {
        // SAFETY: task.md: it has no condition.
        let raw = unsafe { channel_open() };
        (!raw.is_null()).then_some(Self { raw })
    }

    /// None if there is no memory.
    pub fn receive(&mut self, len: usize) -> Option<Packet> {
        // SAFETY: task.md: it is open, and the packet becomes ours.
        let raw = unsafe { channel_receive(self.raw, len) };
        (!raw.is_null()).then_some(Packet { raw })
    }

    /// Gives `bytes` to C, until it has read them. False: the channel is full,
    /// and they are gone.
    pub fn send<B: AsRef<[u8]> + Send + 'static>(&mut self, bytes: B) -> bool {
        let boxed = Box::new(bytes);
        let lent = (*boxed).as_ref();
        let (data, len) = (lent.as_ptr().cast(), lent.len());
        let ctx = Box::into_raw(boxed).cast();
        // SAFETY: task.md: channel_send: the bytes are in the box, or belong to
        // it, until release(), which C calls once, also if the channel is full.
        unsafe { channel_send(self.raw, data, len, released::<B>, ctx) == 0 }
    }

    /// C reads all that was sent, and gives it back. Returns its sum.
    pub fn flush(&mut self) -> u64 {
        // SAFETY: task.md: it is open.
        unsafe { channel_flush(self.raw) }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        // SAFETY: task.md: it is ours, and nobody uses it after this.
        unsafe { channel_close(self.raw) }
    }
}
