// SPDX-License-Identifier: MIT OR Apache-2.0
//! What several tests need: data, files of it, and things that count.
#![allow(dead_code, reason = "no test needs all of it")]

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use sgz::{Format, Options};

/// `len` bytes of text in lines of many lengths, the same every time.
pub fn text(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut text = Vec::with_capacity(len);
    while text.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match state >> 24 {
            0..8 => text.push(b'\n'),
            byte => text.push(b'a' + (byte % 26) as u8),
        }
    }
    text
}

/// `data` as `options` have it written.
pub fn pack(options: &Options, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = options.create_sink(&mut file).expect("opens");
    writer.write_all(data).expect("writes");
    writer.finish().expect("finishes");
    file
}

/// `data` in blocks of 1000 bytes.
pub fn bgzf(data: &[u8]) -> Vec<u8> {
    pack(&Options::new().block_size(1000), data)
}

/// `data` in one member.
pub fn gzip(data: &[u8]) -> Vec<u8> {
    pack(&Options::new().format(Format::Gzip), data)
}

/// Counts how often it, or a clone of it, is dropped.
#[derive(Clone, Debug, Default)]
pub struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Something that counts when it is dropped.
    pub fn guard(&self) -> Guard {
        Guard(self.0.clone())
    }
}

#[derive(Debug)]
pub struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A stream that counts its drops, and can be told to fail or to panic.
pub struct Probe<S> {
    pub inner: S,
    pub guard: Guard,
    /// Calls that still succeed.
    pub calls: usize,
    pub then: Then,
}

/// What a [`Probe`] does afterwards.
#[derive(Clone, Copy, Debug)]
pub enum Then {
    Fail(i32),
    Panic,
}

impl<S> Probe<S> {
    pub fn new(inner: S, drops: &Drops, calls: usize, then: Then) -> Self {
        Self {
            inner,
            guard: drops.guard(),
            calls,
            then,
        }
    }

    fn step(&mut self) -> std::io::Result<()> {
        if self.calls > 0 {
            self.calls -= 1;
            return Ok(());
        }
        match self.then {
            Then::Fail(errno) => Err(std::io::Error::from_raw_os_error(errno)),
            Then::Panic => panic!("the probe panics"),
        }
    }
}

impl<S: std::io::Read> std::io::Read for Probe<S> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.step()?;
        self.inner.read(buf)
    }
}

impl<S: std::io::Seek> std::io::Seek for Probe<S> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.step()?;
        self.inner.seek(to)
    }
}

impl<S: Write> Write for Probe<S> {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.step()?;
        self.inner.write(buf)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.step()?;
        self.inner.flush()
    }
}

/// The text that a caught panic carries.
pub fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}
