// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a stream is made with. A value that zlib would refuse has no type.

use std::ffi::c_int;

use crate::deflate::Deflate;
use crate::error::Result;
use crate::inflate::Inflate;
use crate::memory::Memory;
use crate::raw;

/// How much time compression may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(c_int);

impl Level {
    /// The fastest.
    pub const FASTEST: Self = Self(raw::Z_BEST_SPEED);
    /// The one that compresses best.
    pub const BEST: Self = Self(raw::Z_BEST_COMPRESSION);
    /// zlib's choice.
    pub const DEFAULT: Self = Self(raw::Z_DEFAULT_COMPRESSION);

    /// Level 0 (no compression) to 9.
    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (level <= 9).then_some(Self(c_int::from(level)))
    }

    pub(crate) fn number(self) -> c_int {
        self.0
    }
}

/// What is around the compressed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 1950: two bytes, and an Adler-32.
    Zlib,
    /// RFC 1952: a gzip header, a CRC-32 and a length.
    Gzip,
    /// RFC 1951: nothing, and so no check.
    Raw,
}

/// How far back compressed data can refer: a power of two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(u8);

impl Window {
    /// 32 KiB.
    pub const MAX: Self = Self(15);

    /// `2^bits` bytes, for 9 to 15 bits.
    ///
    /// zlib takes 8 for some streams, and makes 9 of it for others.
    #[must_use]
    pub fn new(bits: u8) -> Option<Self> {
        matches!(bits, 9..=15).then_some(Self(bits))
    }

    pub(crate) fn bits(self) -> c_int {
        c_int::from(self.0)
    }
}

/// How to make a stream.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) level: Level,
    pub(crate) memory: Option<Memory>,
    format: Format,
    window: Window,
}

impl Settings {
    /// A zlib stream, at the default level, with memory of malloc()'s.
    #[must_use]
    pub fn new() -> Self {
        Self {
            level: Level::DEFAULT,
            memory: None,
            format: Format::Zlib,
            window: Window::MAX,
        }
    }

    /// The level of compression.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// What is around the data.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// The size of the window. That of `Inflate` has to be as large.
    #[must_use]
    pub fn window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Where streams get their memory from.
    #[must_use]
    pub fn memory(mut self, memory: &Memory) -> Self {
        self.memory = Some(memory.clone());
        self
    }

    /// A stream that compresses.
    pub fn deflate(&self) -> Result<Deflate> {
        Deflate::new(self)
    }

    /// A stream that decompresses.
    pub fn inflate(&self) -> Result<Inflate> {
        Inflate::new(self)
    }

    /// Format and window in one number, as zlib takes them.
    pub(crate) fn window_bits(&self) -> c_int {
        match self.format {
            Format::Zlib => self.window.bits(),
            Format::Gzip => self.window.bits() + 16,
            Format::Raw => -self.window.bits(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
