// SPDX-License-Identifier: MIT OR Apache-2.0
//! gzip files by zlib's own file functions.

use std::ffi::{CStr, CString, c_int, c_uint};
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use crate::error::{Error, Result};
use crate::raw;

/// An open `gzFile`, owned.
///
/// # Invariants
///
/// It came from `gzopen()`, and is not closed.
#[derive(Debug)]
struct File(NonNull<raw::gzFile_s>);

// SAFETY: zlib threads: a gzFile has no state outside of itself.
unsafe impl Send for File {}

impl File {
    fn open(path: &Path, mode: &CStr) -> Result<Self> {
        let name = CString::new(path.as_os_str().as_bytes())
            .map_err(|nul| Error::io(nul.into()))?;
        // SAFETY: zlib gzopen: it copies both texts.
        let file = unsafe { raw::gzopen(name.as_ptr(), mode.as_ptr()) };
        NonNull::new(file)
            .map(Self)
            // errno is of this call, at once
            .ok_or_else(|| Error::io(io::Error::last_os_error()))
    }

    /// The failure of the last call.
    fn error(&self) -> Error {
        let system = io::Error::last_os_error();
        let mut code = raw::Z_OK;
        // SAFETY: zlib gzerror: File/Invariants.
        // Error::new/Safety: the text lives until the next call: it is copied.
        unsafe {
            let text = raw::gzerror(self.0.as_ptr(), &raw mut code);
            match code {
                raw::Z_ERRNO => Error::io(system),
                code => Error::new(code, text),
            }
        }
    }

    fn close(self) -> Result<()> {
        let this = ManuallyDrop::new(self);
        // SAFETY: zlib gzclose: File/Invariants, and it is not used again.
        match unsafe { raw::gzclose(this.0.as_ptr()) } {
            raw::Z_OK => Ok(()),
            raw::Z_ERRNO => Err(Error::io(io::Error::last_os_error())),
            code => Err(Error::of(code)),
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: zlib gzclose: File/Invariants, for the last time.
        unsafe { raw::gzclose(self.0.as_ptr()) };
    }
}

/// How many bytes of `len` can be reported in an `int`.
fn countable(len: usize) -> c_uint {
    let most = c_int::MAX.unsigned_abs();
    c_uint::try_from(len).map_or(most, |len| len.min(most))
}

/// A gzip file that is read.
#[derive(Debug)]
pub struct GzReader(File);

impl GzReader {
    /// Open the file at `path`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        File::open(path.as_ref(), c"rbe").map(Self)
    }

    /// Read up to a buffer of bytes; 0 is the end.
    pub fn read_bytes(&mut self, data: &mut [u8]) -> Result<usize> {
        let (at, len) = (data.as_mut_ptr().cast(), countable(data.len()));
        // SAFETY: zlib gzread: File/Invariants; it writes up to len bytes.
        let got = unsafe { raw::gzread(self.0.0.as_ptr(), at, len) };
        usize::try_from(got).map_err(|_| self.0.error())
    }

    /// Close it: an error if the file ended in the middle.
    pub fn close(self) -> Result<()> {
        self.0.close()
    }
}

impl Read for GzReader {
    fn read(&mut self, data: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_bytes(data)?)
    }
}

/// A gzip file that is written.
#[derive(Debug)]
pub struct GzWriter(File);

impl GzWriter {
    /// Create the file at `path`.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        File::open(path.as_ref(), c"wbe").map(Self)
    }

    /// Write bytes; how many.
    pub fn write_bytes(&mut self, data: &[u8]) -> Result<usize> {
        if data.is_empty() {
            return Ok(0); // to gzwrite() that would be a failure
        }
        let (at, len) = (data.as_ptr().cast(), countable(data.len()));
        // SAFETY: zlib gzwrite: File/Invariants; it reads len bytes.
        let put = unsafe { raw::gzwrite(self.0.0.as_ptr(), at, len) };
        match usize::try_from(put) {
            Ok(put) if put > 0 => Ok(put),
            _ => Err(self.0.error()),
        }
    }

    /// Where it is in what is not compressed.
    #[must_use]
    pub fn tell(&self) -> u64 {
        // SAFETY: zlib gztell: File/Invariants.
        let at = unsafe { raw::gztell(self.0.0.as_ptr()) };
        u64::try_from(at).unwrap_or(0)
    }

    /// Write what is left, and close it. Only this says whether it all came
    /// to the file.
    pub fn close(self) -> Result<()> {
        self.0.close()
    }
}

impl Write for GzWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Ok(self.write_bytes(data)?)
    }

    /// It writes nothing: a flush in a gzip file makes it larger.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
