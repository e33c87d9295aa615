// SPDX-License-Identifier: MIT OR Apache-2.0
//! Codecs of BGZF blocks.

use std::ffi::{CStr, CString, OsStr, c_char};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr::{self, NonNull};

use sgz_codec::{BlockCodec, Functions};

use crate::{Error, Result, Status, call, raw};

/// Compresses and decompresses the blocks of the readers and writers with it:
/// see [`Options::codec`](crate::Options::codec).
///
/// Clones share it; each reader or writer keeps it alive. A failure of a codec
/// is [`Status::Callback`](crate::Status::Callback), whatever the codec
/// answers, and names the codec. Gzip streams that are not BGZF blocks are
/// decompressed by zlib.
///
/// # Invariants
///
/// `raw` holds one reference of its own, to a codec that the default allocator
/// allocated, if it is not built in.
///
/// # Examples
///
/// ```
/// use std::io::Write;
///
/// let codec = sgz::Codec::load("zlib")?;
/// let mut file = Vec::new();
/// let options = sgz::Options::new().codec(&codec);
/// let mut writer = options.create_sink(&mut file)?;
/// writer.write_all(b"hello")?;
/// writer.finish()?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Codec(NonNull<raw::sgz_codec>);

// SAFETY: Codec/Invariants: a reference of its own. sgz_codec_unref/Threads: it
// any thread may drop it.
unsafe impl Send for Codec {}

// SAFETY: sgz_codec_ref/Threads, sgz_codec_get_name/Threads,
// sgz_codec_get_version/Threads: any thread, at any time. A reader or writer
// that is given it takes a reference, too.
unsafe impl Sync for Codec {}

impl Codec {
    /// Finds a codec that is built in by its name, or loads a plugin.
    ///
    /// A `name` with a slash is the path of a plugin; another one is that of a
    /// plugin in [`folder`](Self::folder), unless it is built in.
    ///
    /// A plugin is machine code that becomes part of the program: load only
    /// what you trust as you trust the program itself. No type can check it.
    ///
    /// # Errors
    ///
    /// [`Status::Io`] if the file does not exist; [`Status::Unsupported`] if it
    /// is not a plugin that this version can use; [`Status::Invalid`] if `name`
    /// is empty or holds a NUL; [`Status::NoMemory`].
    pub fn load(name: impl AsRef<OsStr>) -> Result<Self> {
        let text = CString::new(name.as_ref().as_bytes())
            .map_err(|_| Error::new(Status::Invalid, "the name holds a NUL"));
        drop(name); // while `text` is a variable, which an unwinding drops
        let text = text?;
        call::make(None, Self, |codec, error| {
            // SAFETY: sgz_codec_load/Ownership: the name is borrowed for the
            // call, NULL stands for the default allocator; the reference is the
            // new Codec's own. /Lifetime: until its drop gives that up.
            // /Threads: Rust's set_var() is unsafe, and asks for the same.
            unsafe {
                raw::sgz_codec_load(text.as_ptr(), ptr::null(), codec, error)
            }
        })
    }

    /// A codec that is written in Rust.
    ///
    /// # Errors
    ///
    /// [`Status::Unsupported`] if its name, version or levels are not as
    /// [`BlockCodec`] says; [`Status::NoMemory`].
    pub fn new<C: BlockCodec>() -> Result<Self> {
        let functions = Functions::of::<C>();
        call::make(None, Self, |codec, error| {
            // SAFETY: sgz_codec_new/Ownership: the table is copied; the
            // reference is the new Codec's own. /Lifetime: functions and texts
            // are constants of this program, and valid for ever.
            unsafe {
                raw::sgz_codec_new(
                    functions.as_ptr().cast(),
                    ptr::null(),
                    codec,
                    error,
                )
            }
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        // SAFETY: Codec/Invariants: the codec is alive.
        // sgz_codec_get_name/Ownership: the text belongs to it. /Lifetime: it
        // stays while self is borrowed.
        unsafe { text(raw::sgz_codec_get_name(self.as_ptr())) }
    }

    /// Its version, or that of the library that it uses.
    #[must_use]
    pub fn version(&self) -> &str {
        // SAFETY: Codec/Invariants: the codec is alive.
        // sgz_codec_get_version/Ownership: the text belongs to it. /Lifetime:
        // it stays while self is borrowed.
        unsafe { text(raw::sgz_codec_get_version(self.as_ptr())) }
    }

    /// The names of the codecs that are built in; the first is the default.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        (0..).map_while(|at| {
            // SAFETY: sgz_codec_get_built_in/Threads: any thread. /Ownership:
            // the text stays the library's.
            let name = unsafe { raw::sgz_codec_get_built_in(at) };
            // SAFETY: sgz_codec_get_built_in/Lifetime: as long as the library
            // is loaded. /Errors: not NULL.
            (!name.is_null()).then(|| unsafe { text(name) })
        })
    }

    /// The folder in which [`load`](Self::load) looks for names.
    #[must_use]
    pub fn folder() -> PathBuf {
        // SAFETY: sgz_codec_get_folder/Threads: Rust's set_var() is unsafe, and
        // asks for the same. /Ownership: the text is borrowed. /Lifetime: it is
        // copied at once. /Errors: never NULL.
        let folder = unsafe { CStr::from_ptr(raw::sgz_codec_get_folder()) };
        OsStr::from_bytes(folder.to_bytes()).into()
    }

    pub(crate) fn as_ptr(&self) -> *mut raw::sgz_codec {
        self.0.as_ptr()
    }
}

/// A text of C that is ASCII: libsgz has checked that.
///
/// # Safety
///
/// It is a C string, which stays during `'a`.
unsafe fn text<'a>(text: *const c_char) -> &'a str {
    // SAFETY: std CStr::from_ptr: text/Safety.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or_default()
}

impl Clone for Codec {
    fn clone(&self) -> Self {
        // SAFETY: Codec/Invariants: the codec is alive.
        // sgz_codec_ref/Ownership: one more reference, the clone's own.
        // /Lifetime: until the clone is dropped.
        unsafe { raw::sgz_codec_ref(self.as_ptr()) };
        Self(self.0)
    }
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("name", &self.name())
            .field("version", &self.version())
            .finish()
    }
}

impl Drop for Codec {
    fn drop(&mut self) {
        // SAFETY: Codec/Invariants: a reference of its own.
        // sgz_codec_unref/Ownership: it is dropped once. /Lifetime: self is
        // not used afterwards; readers and writers have their own.
        unsafe { raw::sgz_codec_unref(self.as_ptr()) };
    }
}
