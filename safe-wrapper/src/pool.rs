// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads that readers and writers share.

use std::fmt;
use std::ptr::{self, NonNull};

use crate::{Result, call, raw};

/// Threads that compress and decompress blocks for readers and writers.
///
/// Clones share the threads. Each reader or writer that got the pool by
/// [`Options::pool`](crate::Options::pool) keeps it alive. Sources, sinks and
/// observers are still called only by the thread that uses the handle.
///
/// A child process of `fork()` has no such threads: a handle that needs them
/// fails there with [`Status::State`](crate::Status::State).
///
/// # Invariants
///
/// `raw` holds one reference of its own, to a pool that the default allocator
/// allocated.
///
/// # Examples
///
/// ```
/// use std::io::Write;
///
/// let pool = sgz::Pool::new(2)?;
/// let mut file = Vec::new();
/// let options = sgz::Options::new().pool(&pool);
/// let mut writer = options.create_sink(&mut file)?;
/// writer.write_all(b"hello")?;
/// writer.finish()?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Pool(NonNull<raw::sgz_pool>);

impl Pool {
    /// A pool for `threads` threads. The thread that uses a handle is one of
    /// them, so one fewer is started. 0 means as many as there are processors
    /// for this process.
    ///
    /// # Errors
    ///
    /// [`Status::Io`](crate::Status::Io) if the system refuses to start so
    /// many; [`Status::Invalid`](crate::Status::Invalid) above 256;
    /// [`Status::NoMemory`](crate::Status::NoMemory).
    pub fn new(threads: u32) -> Result<Self> {
        Self::with_least(threads, threads)
    }

    /// The same, but `least` threads are enough if the system refuses to start
    /// more; 1 is always possible.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_least(threads: u32, least: u32) -> Result<Self> {
        call::make(None, Self, |pool, error| {
            // SAFETY: sgz_pool_new/Ownership: NULL stands for the default
            // allocator; the reference is the new Pool's own. /Lifetime: until
            // its drop; the default allocator lives as long as the program.
            // /Threads: any thread.
            unsafe {
                raw::sgz_pool_new(threads, least, ptr::null(), pool, error)
            }
        })
    }

    /// How many threads work for one handle. The thread that uses it is one of
    /// them.
    #[must_use]
    pub fn threads(&self) -> u32 {
        // SAFETY: Pool/Invariants: the pool is alive.
        // sgz_pool_get_threads/Ownership: borrowed for the call. /Threads:
        // any thread.
        unsafe { raw::sgz_pool_get_threads(self.as_ptr()) }
    }

    pub(crate) fn as_ptr(&self) -> *mut raw::sgz_pool {
        self.0.as_ptr()
    }
}

impl Clone for Pool {
    fn clone(&self) -> Self {
        // SAFETY: Pool/Invariants: the pool is alive.
        // sgz_pool_ref/Ownership: one more reference, the clone's own.
        // /Lifetime: until the clone is dropped. /Threads: any thread.
        unsafe { raw::sgz_pool_ref(self.as_ptr()) };
        Self(self.0)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("threads", &self.threads())
            .finish()
    }
}

// SAFETY: sgz_pool_unref/Threads: any thread that has a reference, at any time;
// the default allocator is not a callback of ours that could hold a Pool.
unsafe impl Send for Pool {}
// SAFETY: sgz_pool_get_threads/Threads, sgz_pool_ref/Threads: any thread, at
// any time.
unsafe impl Sync for Pool {}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: Pool/Invariants: the reference is self's own.
        // sgz_pool_unref/Ownership: it goes back. /Lifetime: self is not used
        // afterwards; readers and writers have references of their own.
        // /Threads: any thread, and no callback of an allocator holds a Pool.
        unsafe { raw::sgz_pool_unref(self.as_ptr()) };
    }
}
