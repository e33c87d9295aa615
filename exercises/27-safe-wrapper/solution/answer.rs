//! A safe wrapper for the stores of store.h.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

#[repr(C)]
struct RawStore {
    _opaque: [u8; 0],
}

#[repr(C)]
struct RawCursor {
    _opaque: [u8; 0],
}

type PutFn = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char);

unsafe extern "C" {
    fn store_open() -> *mut RawStore;
    fn store_close(store: *mut RawStore) -> u64;
    fn store_put(
        store: *mut RawStore,
        key: *const c_char,
        text: *const c_char,
    ) -> c_int;
    fn store_error(store: *const RawStore) -> *const c_char;
    fn store_get(store: *const RawStore, key: *const c_char) -> *const c_char;
    fn store_watch(
        store: *mut RawStore,
        put: Option<PutFn>,
        user: *mut c_void,
        release: Option<unsafe extern "C" fn(*mut c_void)>,
    );
    fn cursor_open(store: *mut RawStore) -> *mut RawCursor;
    fn cursor_next(cursor: *mut RawCursor) -> *const c_char;
    fn cursor_close(cursor: *mut RawCursor);
}

/// A text of C's.
///
/// # Safety
/// It is NULL, or a string that was made from a `str` and is valid for `'a`.
unsafe fn text<'a>(at: *const c_char) -> Option<&'a str> {
    if at.is_null() {
        return None;
    }
    // SAFETY: task.md: promised.
    unsafe { CStr::from_ptr(at) }.to_str().ok()
}

/// A store, whose watcher may use what lives for `'w`.
pub struct Store<'w> {
    raw: NonNull<RawStore>,
    watcher: PhantomData<Box<dyn FnMut(&str, &str) + Send + 'w>>,
}

// SAFETY: task.md: store.h allows any thread, one at a time, and the watcher is
// Send. So it may move; it is not Sync, as two threads with a `&Store` would be
// two.
unsafe impl Send for Store<'_> {}

impl<'w> Store<'w> {
    /// None: no memory.
    #[must_use]
    pub fn open() -> Option<Self> {
        // SAFETY: task.md: it asks for nothing.
        let raw = NonNull::new(unsafe { store_open() })?;
        let watcher = PhantomData;
        Some(Self { raw, watcher })
    }

    /// Puts copies there.
    ///
    /// # Errors
    /// The reason, as C tells it; or that there is a NUL inside.
    pub fn put(&mut self, key: &str, text: &str) -> Result<(), String> {
        let nul = |_| "a NUL inside".to_owned();
        let key = CString::new(key).map_err(nul)?;
        let text = CString::new(text).map_err(nul)?;
        let raw = self.raw.as_ptr();
        // SAFETY: task.md: they are strings. Nobody has a cursor or a text of
        // the store, which would borrow it.
        if unsafe { store_put(raw, key.as_ptr(), text.as_ptr()) } == 0 {
            return Ok(());
        }
        // SAFETY: task.md: it is a string until the next call, and is copied
        // before.
        let error = unsafe { CStr::from_ptr(store_error(raw)) };
        Err(error.to_string_lossy().into_owned())
    }

    /// The text of a key, which borrows the store.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let key = CString::new(key).ok()?;
        // SAFETY: task.md: it is a string, and so is what comes back, until a
        // `put` or the end, which the borrow of `self` rules out.
        unsafe { text(store_get(self.raw.as_ptr(), key.as_ptr())) }
    }

    /// Calls `f` after each `put`, in place of the former watcher.
    pub fn watch<F: FnMut(&str, &str) + Send + 'w>(&mut self, f: F) {
        let user = Box::into_raw(Box::new(f)).cast();
        // SAFETY: task.md: both are functions for an F, which is C's from now
        // on. It lives for 'w, which is longer than the store.
        unsafe {
            store_watch(
                self.raw.as_ptr(),
                Some(call::<F>),
                user,
                Some(release::<F>),
            );
        }
    }

    /// None: no memory.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor<'_>> {
        // SAFETY: task.md: the store is open, for as long as it is borrowed.
        let raw = NonNull::new(unsafe { cursor_open(self.raw.as_ptr()) })?;
        let store = PhantomData;
        Some(Cursor { raw, store })
    }

    /// Ends it; how many texts were put.
    #[must_use]
    pub fn close(self) -> u64 {
        let this = ManuallyDrop::new(self);
        // SAFETY: task.md: it is open, has no cursor, and is not dropped after
        // this.
        unsafe { store_close(this.raw.as_ptr()) }
    }
}

impl Drop for Store<'_> {
    fn drop(&mut self) {
        // SAFETY: task.md: it is open, and has no cursor.
        unsafe { store_close(self.raw.as_ptr()) };
    }
}

/// Goes through the keys of a store, which it borrows.
pub struct Cursor<'s> {
    raw: NonNull<RawCursor>,
    store: PhantomData<&'s Store<'s>>,
}

impl Cursor<'_> {
    /// The next key, which borrows the cursor.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<&str> {
        // SAFETY: task.md: it is a string until the next call, which would
        // borrow the cursor too.
        unsafe { text(cursor_next(self.raw.as_ptr())) }
    }
}

impl Drop for Cursor<'_> {
    fn drop(&mut self) {
        // SAFETY: task.md: it is open, and the store still is.
        unsafe { cursor_close(self.raw.as_ptr()) }
    }
}

/// Calls the closure that `user` is.
unsafe extern "C" fn call<F: FnMut(&str, &str)>(
    user: *mut c_void,
    key: *const c_char,
    value: *const c_char,
) {
    // SAFETY: task.md: it is the F that was registered, and a `put` is one at a
    // time.
    let f = unsafe { &mut *user.cast::<F>() };
    // SAFETY: task.md: both are strings in this call, and were given as `str`s.
    if let (Some(key), Some(value)) = unsafe { (text(key), text(value)) } {
        f(key, value);
    }
}

/// Drops the closure that `user` is.
unsafe extern "C" fn release<F>(user: *mut c_void) {
    // SAFETY: task.md: it is the box that was registered, and C gives it back
    // once.
    drop(unsafe { Box::from_raw(user.cast::<F>()) });
}
