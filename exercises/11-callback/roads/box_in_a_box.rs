//! Closures that listen to a feed of C.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;
use std::slice;

#[repr(C)]
#[allow(non_camel_case_types)]
struct feed {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn feed_new() -> *mut feed;
    fn feed_free(feed: *mut feed);
    fn feed_register(
        feed: *mut feed,
        on_line: Option<
            unsafe extern "C" fn(*mut c_void, *const c_char, usize),
        >,
        user: *mut c_void,
        release: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> c_int;
    fn feed_unregister(feed: *mut feed, id: c_int) -> c_int;
    fn feed_push(feed: *mut feed, text: *const c_char, len: usize);
}

/// A listener that is registered.
#[derive(Clone, Copy)]
pub struct Id(c_int);

type Listener = Box<dyn FnMut(&[u8])>;

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
    pub fn register<F>(&mut self, listener: F) -> Option<Id>
    where
        F: FnMut(&[u8]) + 'static,
    {
        let user = Box::into_raw(Box::<Listener>::new(Box::new(listener)));
        // SAFETY: task.md: both functions are those for a Listener. It is
        // 'static and C's alone, until C calls `release`.
        let id = unsafe {
            feed_register(
                self.raw.as_ptr(),
                Some(call),
                user.cast(),
                Some(release),
            )
        };
        if id == 0 {
            // SAFETY: task.md: nothing changed hands, so the box is still ours.
            drop(unsafe { Box::from_raw(user) });
            return None;
        }
        Some(Id(id))
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

/// Calls the closure that `user` is.
unsafe extern "C" fn call(user: *mut c_void, line: *const c_char, len: usize) {
    // SAFETY: task.md: it is the Listener that was registered with this
    // function. Nobody else uses it during the call: a feed that pushes is
    // borrowed mutably.
    let listener = unsafe { &mut *user.cast::<Listener>() };
    // SAFETY: task.md: C promises that the line is not NULL, and has `len`
    // bytes.
    listener(unsafe { slice::from_raw_parts(line.cast(), len) });
}

/// Takes the closure back that `user` is, and drops it.
unsafe extern "C" fn release(user: *mut c_void) {
    // SAFETY: task.md: it is the box that was registered with this function,
    // and C gives it back once.
    drop(unsafe { Box::from_raw(user.cast::<Listener>()) });
}
