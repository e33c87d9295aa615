// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::{Channel, Packet};
use std::ffi::c_void;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

unsafe extern "C" {
    static channel_last: *const c_void;
}

/// Are these the bytes that C had in its hands?
fn in_place(bytes: &[u8]) -> bool {
    // SAFETY: task.md: one thread uses the channel.
    bytes.as_ptr().cast() == unsafe { channel_last }
}

fn sum_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, &byte| {
        u64::wrapping_add(sum.wrapping_mul(31), byte.into())
    })
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Bytes that note their end.
struct Noted(Vec<u8>);

impl AsRef<[u8]> for Noted {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

/// Overwrites what is left of earlier calls.
#[inline(never)]
fn use_stack() {
    black_box([0xaa_u8; 4096]);
}

#[repr(C)]
struct Facts {
    sums: [u64; 2],
    in_place: [bool; 2],
    full: bool,
    dropped: [usize; 3],
}

fn read(packet: &Packet) -> u64 {
    sum_of(packet.bytes())
}

#[unsafe(no_mangle)]
extern "C" fn use_receive(len: usize, facts: &mut Facts) {
    let mut channel = Channel::open().expect("memory");
    let packet = channel.receive(len).expect("memory");
    facts.in_place[0] = in_place(packet.bytes());
    facts.sums[0] = read(&packet);
    drop(channel);
    facts.sums[1] = thread::spawn(move || read(&packet)).join().unwrap_or(0);
}

/// # Safety
/// `data` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn use_send(data: *const u8, len: usize, facts: &mut Facts) {
    // SAFETY: task.md: promised.
    let data = unsafe { std::slice::from_raw_parts(data, len) };
    let mut channel = Channel::open().expect("memory");
    let noted = Noted(data.to_vec());
    let at = noted.0.as_ptr();
    DROPPED.store(0, Ordering::Relaxed);
    channel.send(noted);
    // SAFETY: task.md: one thread uses the channel.
    facts.in_place[0] = at.cast() == unsafe { channel_last };
    facts.dropped[0] = DROPPED.load(Ordering::Relaxed);
    facts.sums[0] = channel.flush();
    facts.dropped[1] = DROPPED.load(Ordering::Relaxed);
    for _ in 0..4 {
        channel.send(Noted(data.to_vec()));
    }
    facts.full = !channel.send(Noted(data.to_vec()));
    drop(channel);
    facts.dropped[2] = DROPPED.load(Ordering::Relaxed);
}

#[inline(never)]
fn send_array(channel: &mut Channel) {
    channel.send(black_box([7_u8; 600]));
}

/// Bytes that are in the value itself, and bytes that are for ever.
#[unsafe(no_mangle)]
extern "C" fn use_others(facts: &mut Facts) {
    let mut channel = Channel::open().expect("memory");
    send_array(&mut channel);
    use_stack();
    facts.sums[0] = channel.flush();
    channel.send("for ever");
    channel.send(Vec::new());
    facts.sums[1] = channel.flush();
}
