// SPDX-License-Identifier: MIT OR Apache-2.0
//! The header of a gzip member.

use core::ffi::CStr;
use std::fmt;
use std::iter::FusedIterator;
use std::ptr;

use crate::call::make;
use crate::io::{borrowed, borrowed_text};
use crate::memory::Text;
use crate::{Result, raw};

/// A member's header, borrowed from the reader that read it.
///
/// Its text can hold any byte except NUL. The RFC says that it is Latin-1, but
/// in practice it rarely is.
///
/// # Invariants
///
/// `raw` and everything that it points to do not change during `'r`: the reader
/// or the event that owns them is borrowed for `'r`.
///
/// # Examples
///
/// ```
/// let mut file = Vec::new();
/// let mut writer = sgz::Options::new()
///     .format(sgz::Format::Gzip)
///     .create_sink(&mut file)?;
/// writer.set_header(&sgz::NewHeader::new().name(c"a.txt").mtime(1))?;
/// writer.finish()?;
///
/// let reader = sgz::Reader::new(&file)?;
/// assert_eq!(reader.header().name(), Some(c"a.txt"));
/// assert_eq!(reader.header().mtime(), 1);
/// assert_eq!(reader.header().comment(), None);
/// # Ok::<(), sgz::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Header<'r> {
    raw: &'r raw::sgz_header,
}

impl<'r> Header<'r> {
    /// # Safety
    ///
    /// Everything that `raw` points to stays valid and unchanged during `'r`.
    pub(crate) unsafe fn from_raw(raw: &'r raw::sgz_header) -> Self {
        Self { raw }
    }

    /// Where the member starts in the compressed file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.raw.offset
    }

    /// The name of the file that was compressed, if the member has one.
    #[must_use]
    pub fn name(&self) -> Option<&'r CStr> {
        // SAFETY: Header/Invariants: a string of the header's, for 'r.
        unsafe { borrowed_text(self.raw.name) }
    }

    /// The comment, if the member has one.
    #[must_use]
    pub fn comment(&self) -> Option<&'r CStr> {
        // SAFETY: Header/Invariants: a string of the header's, for 'r.
        unsafe { borrowed_text(self.raw.comment) }
    }

    /// The extra field, if the member has one.
    #[must_use]
    pub fn extra(&self) -> Option<&'r [u8]> {
        if self.raw.extra.is_null() {
            return None;
        }
        // SAFETY: Header/Invariants: extra_len bytes at extra, for 'r.
        Some(unsafe { borrowed(self.raw.extra, self.raw.extra_len) })
    }

    /// The subfields of the extra field, in order.
    ///
    /// They end before a subfield that does not fit into the field.
    #[must_use]
    pub fn subfields(&self) -> Subfields<'r> {
        Subfields {
            rest: self.extra().unwrap_or_default(),
        }
    }

    /// Seconds since 1970, or 0.
    #[must_use]
    pub fn mtime(&self) -> u32 {
        self.raw.prefix.mtime
    }

    /// The system that the file was written on: 3 is Unix, 255 unknown.
    #[must_use]
    pub fn os(&self) -> u8 {
        self.raw.prefix.os
    }

    /// The flags byte of the header.
    #[must_use]
    pub fn flags(&self) -> u8 {
        self.raw.prefix.flags
    }

    /// Describes the header in one line of text, for people.
    ///
    /// Bytes that are not printable ASCII are escaped. The format may change.
    ///
    /// # Errors
    ///
    /// [`Status::NoMemory`](crate::Status::NoMemory).
    pub fn describe(&self) -> Result<Text> {
        let own = |text| {
            // SAFETY: sgz_header_describe/Ownership: the string is the
            // caller's, to be freed with sgz_free(), which Text does.
            // /Lifetime: independent.
            unsafe { Text::from_raw(text) }
        };
        make(None, own, |text, error| {
            // SAFETY: sgz_header_describe/Ownership: the header is borrowed
            // for the call. /Threads: Header/Invariants: nothing changes it.
            unsafe { raw::sgz_header_describe(self.raw, text, error) }
        })
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("offset", &self.offset())
            .field("name", &self.name())
            .field("comment", &self.comment())
            .field("extra", &self.extra())
            .field("mtime", &self.mtime())
            .field("os", &self.os())
            .field("flags", &self.flags())
            .finish()
    }
}

/// One subfield of an extra field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subfield<'r> {
    /// Its two letters, as `*b"BC"`.
    pub id: [u8; 2],
    /// Its data.
    pub data: &'r [u8],
}

/// Iterates over the subfields of a [`Header`]: see [`Header::subfields`].
///
/// C walks these with a pointer to a packed struct that has a flexible array at
/// its end. Here a slice that becomes shorter does the same, and cannot
/// overrun.
#[derive(Clone, Debug)]
pub struct Subfields<'r> {
    rest: &'r [u8],
}

impl<'r> Iterator for Subfields<'r> {
    type Item = Subfield<'r>;

    fn next(&mut self) -> Option<Subfield<'r>> {
        //   0     1     2 . . 3   4 ...
        //   | si1 | si2 | len     | len bytes of data |
        let (&[si1, si2, low, high], rest) = self.rest.split_first_chunk()?;
        let len = usize::from(u16::from_le_bytes([low, high]));
        let (data, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        Some(Subfield {
            id: [si1, si2],
            data,
        })
    }
}

impl FusedIterator for Subfields<'_> {}

/// A header for a file that is to be written.
///
/// See [`Writer::set_header`](crate::Writer::set_header). It borrows its
/// texts; the C library copies them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewHeader<'h> {
    name: Option<&'h CStr>,
    comment: Option<&'h CStr>,
    extra: Option<&'h [u8]>,
    mtime: u32,
}

impl<'h> NewHeader<'h> {
    /// An empty header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of the file that is compressed.
    #[must_use]
    pub fn name(mut self, name: &'h CStr) -> Self {
        self.name = Some(name);
        self
    }

    /// A comment, for people.
    #[must_use]
    pub fn comment(mut self, comment: &'h CStr) -> Self {
        self.comment = Some(comment);
        self
    }

    /// The extra field: at most 65,535 bytes, filled by subfields.
    #[must_use]
    pub fn extra(mut self, extra: &'h [u8]) -> Self {
        self.extra = Some(extra);
        self
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn mtime(mut self, mtime: u32) -> Self {
        self.mtime = mtime;
        self
    }

    /// The struct for C. It points to the data that `self` borrows.
    pub(crate) fn to_raw(self) -> raw::sgz_header {
        raw::sgz_header {
            offset: 0,
            name: self.name.map_or(ptr::null(), CStr::as_ptr),
            comment: self.comment.map_or(ptr::null(), CStr::as_ptr),
            extra: self.extra.map_or(ptr::null(), <[u8]>::as_ptr),
            extra_len: self.extra.map_or(0, <[u8]>::len),
            prefix: raw::sgz_prefix {
                id1: 0,
                id2: 0,
                method: 0,
                flags: 0,
                mtime: self.mtime,
                xfl: 0,
                os: 0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subfields_end_before_one_that_overruns() {
        let rest = b"BC\x02\x00hiXY\x00\x00ZZ\x05\x00four";
        let all: Vec<_> = Subfields { rest }.collect();
        assert_eq!(
            all,
            [
                Subfield {
                    id: *b"BC",
                    data: b"hi"
                },
                Subfield {
                    id: *b"XY",
                    data: b""
                },
            ]
        );
    }
}
