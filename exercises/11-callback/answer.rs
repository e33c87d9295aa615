//! Closures that listen to a feed of C.

use std::ffi::{c_char, c_int};
use std::ptr::NonNull;

#[repr(C)]
#[allow(non_camel_case_types)]
struct feed {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn feed_new() -> *mut feed;
    fn feed_free(feed: *mut feed);
    // TODO: declare feed_register, as feed.h has it
    fn feed_unregister(feed: *mut feed, id: c_int) -> c_int;
    fn feed_push(feed: *mut feed, text: *const c_char, len: usize);
}

/// A listener that is registered.
#[derive(Clone, Copy)]
pub struct Id(c_int);

/// A feed of lines, which is freed when it is dropped.
pub struct Feed {
    raw: NonNull<feed>,
}

impl Feed {
    /// None: no memory.
    #[must_use]
    pub fn new() -> Option<Self> {
        // SAFETY: task.md: it asks for nothing.
        NonNull::new(unsafe { feed_new() }).map(|raw| Self { raw })
    }

    /// Calls `listener` for each line; None if there are too many listeners.
    // TODO: how long must an F live?
    pub fn register<F>(&mut self, listener: F) -> Option<Id>
    where
        F: FnMut(&[u8]),
    {
        // TODO: C needs two functions, one that calls an F, and one that
        // frees it
        todo!()
    }

    /// Ends a listener. False: there is no such one.
    pub fn unregister(&mut self, id: Id) -> bool {
        // SAFETY: task.md: the feed is open, and any number may be given.
        unsafe { feed_unregister(self.raw.as_ptr(), id.0) == 0 }
    }

    /// Gives each line of `text` to the listeners.
    pub fn push(&mut self, text: &[u8]) {
        let (at, len) = (text.as_ptr().cast(), text.len());
        // SAFETY: task.md: the text has `len` bytes, and C reads them in this
        // call only.
        unsafe { feed_push(self.raw.as_ptr(), at, len) }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        // SAFETY: task.md: it is open, and nobody uses it after this.
        unsafe { feed_free(self.raw.as_ptr()) }
    }
}
