// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events that a reader or writer reports to its observer.

use core::ffi::{CStr, c_int, c_void};
use std::ops::{BitOr, BitOrAssign, ControlFlow};
use std::sync::Arc;

use crate::call::outcome;
use crate::header::Header;
use crate::io::borrowed_text;
use crate::panic::Relay;
use crate::{Result, raw, trampoline};

/// An event of a reader or writer.
///
/// The C library adds kinds over time; one that this version of the crate
/// does not know is [`Event::Unknown`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A gzip member that is not a BGZF block begins.
    Member(Header<'e>),
    /// A BGZF block was read or written.
    Block(BlockInfo),
    /// How much is done.
    Progress(Progress),
    /// A message for people.
    Log {
        /// Its level.
        level: LogLevel,
        /// One line.
        text: &'e CStr,
    },
    /// A kind that this version does not know, by its number.
    Unknown(u32),
}

/// A BGZF block that was read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockInfo {
    /// Where it starts in the compressed file.
    pub compressed_offset: u64,
    /// Where its first byte is in the uncompressed data.
    pub offset: u64,
    /// Its size in the compressed file, in bytes.
    pub compressed_len: u32,
    /// Its uncompressed size, in bytes.
    pub len: u32,
    /// The CRC-32 of the uncompressed bytes.
    pub crc: u32,
}

/// How far a reader or writer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Uncompressed bytes so far.
    pub done: u64,
    /// Compressed bytes so far.
    pub compressed_done: u64,
    /// Compressed bytes in total, if known; `None` for a writer.
    pub compressed_total: Option<u64>,
}

/// The level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// For people who work on the library.
    Debug,
    /// Worth knowing.
    Info,
    /// Something may be wrong.
    Warning,
    /// A level that this version does not know.
    Unknown(u32),
}

impl LogLevel {
    fn from_raw(level: raw::sgz_log_level) -> Self {
        match level {
            raw::sgz_log_level::SGZ_LOG_DEBUG => Self::Debug,
            raw::sgz_log_level::SGZ_LOG_INFO => Self::Info,
            raw::sgz_log_level::SGZ_LOG_WARNING => Self::Warning,
            raw::sgz_log_level(level) => Self::Unknown(level),
        }
    }
}

impl<'e> Event<'e> {
    /// # Safety
    ///
    /// `event`, and what its kind says that it points to, stays during `'e`.
    pub(crate) unsafe fn from_raw(event: &'e raw::sgz_event) -> Self {
        type Kind = raw::sgz_event_kind;
        let data = &event.data;
        // SAFETY: sgz_observer.event/Ownership: the member that the kind
        // names is the one that is set; its pointers are borrowed as long.
        unsafe {
            match event.kind {
                Kind::SGZ_EVENT_MEMBER => data
                    .member
                    .as_ref()
                    .map_or(Self::Unknown(event.kind.0), |header| {
                        Self::Member(Header::from_raw(header))
                    }),
                Kind::SGZ_EVENT_BLOCK => Self::Block(block(&data.block)),
                Kind::SGZ_EVENT_PROGRESS => {
                    Self::Progress(progress(&data.progress))
                }
                Kind::SGZ_EVENT_LOG => Self::Log {
                    level: LogLevel::from_raw(data.log.level),
                    text: borrowed_text(data.log.text).unwrap_or_default(),
                },
                raw::sgz_event_kind(kind) => Self::Unknown(kind),
            }
        }
    }
}

fn block(raw: &raw::sgz_event_block) -> BlockInfo {
    BlockInfo {
        compressed_offset: raw.compressed_offset,
        offset: raw.offset,
        compressed_len: raw.compressed_len,
        len: raw.len,
        crc: raw.crc,
    }
}

fn progress(raw: &raw::sgz_event_progress) -> Progress {
    // SGZ_UNKNOWN, bindgen gives it a wrong type
    let known = raw.compressed_total != u64::MAX;
    Progress {
        done: raw.done,
        compressed_done: raw.compressed_done,
        compressed_total: known.then_some(raw.compressed_total),
    }
}

/// The kinds of events to report.
///
/// # Examples
///
/// ```
/// use sgz::EventMask;
///
/// let mask = EventMask::BLOCK | EventMask::LOG;
/// assert!(mask.contains(EventMask::LOG));
/// assert!(!mask.contains(EventMask::PROGRESS));
/// assert!(EventMask::ALL.contains(mask));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventMask(u32);

impl EventMask {
    /// [`Event::Member`]
    pub const MEMBER: Self = Self::of(raw::sgz_event_kind::SGZ_EVENT_MEMBER);
    /// [`Event::Block`]
    pub const BLOCK: Self = Self::of(raw::sgz_event_kind::SGZ_EVENT_BLOCK);
    /// [`Event::Progress`]
    pub const PROGRESS: Self =
        Self::of(raw::sgz_event_kind::SGZ_EVENT_PROGRESS);
    /// [`Event::Log`]
    pub const LOG: Self = Self::of(raw::sgz_event_kind::SGZ_EVENT_LOG);
    /// Every kind, including those of later versions.
    pub const ALL: Self = Self(raw::SGZ_EVENT_ALL);

    /// `SGZ_EVENT_BIT`
    const fn of(kind: raw::sgz_event_kind) -> Self {
        Self(1 << kind.0)
    }

    /// As the bits that C takes.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `other` is in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for EventMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for EventMask {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// A closure that can observe: the bound, named once.
pub(crate) trait Watch: FnMut(&Event<'_>) -> ControlFlow<i32> {}

impl<F: FnMut(&Event<'_>) -> ControlFlow<i32>> Watch for F {}

/// The value for C if an observer panicked, or cancelled with 0. It must not be
/// 0, because 0 means "continue".
const STOP: c_int = -1;

/// A closure, and the relay for its panics.
///
/// # Invariants
///
/// After C has taken an observer with this as its `ctx`, C owns the box: only
/// `release` frees it. Events get the only reference to it, one at a time,
/// since a handle cannot be used from its own callbacks.
pub(crate) struct Observer<F> {
    watch: F,
    relay: Arc<Relay>,
}

impl<F> Observer<F> {
    /// Drops the closure; a panic in its drop goes to the relay.
    pub(crate) fn release(self) {
        let Self { watch, relay } = self;
        relay.run_always(|| drop(watch));
    }
}

impl<F: Watch> Observer<F> {
    /// Calls the closure. Returns the value for C.
    pub(crate) fn tell(&mut self, event: &Event<'_>) -> c_int {
        let watch = &mut self.watch;
        match self.relay.run(|| watch(event)) {
            Some(ControlFlow::Continue(())) => 0,
            Some(ControlFlow::Break(0)) | None => STOP,
            Some(ControlFlow::Break(code)) => code,
        }
    }
}

/// Passes `watch` to C with `set`, the `sgz_*_set_observer()` of a handle.
///
/// # Errors
///
/// The error of `set`. Then `watch` is dropped.
///
/// # Safety
///
/// `set` passes the observer only to that function. The handle is closed before
/// `F` ends, or never used afterwards.
pub(crate) unsafe fn observe<F: Watch + Send>(
    relay: &Arc<Relay>,
    mask: EventMask,
    watch: F,
    set: impl FnOnce(
        *const raw::sgz_observer,
        *mut raw::sgz_error,
    ) -> raw::sgz_status,
) -> Result<()> {
    let boxed = Box::new(Observer {
        watch,
        relay: relay.clone(),
    });
    let ctx = Box::into_raw(boxed);
    let observer = raw::sgz_observer {
        event: Some(trampoline::observer_event::<F>),
        release: Some(trampoline::observer_release::<F>),
        ctx: ctx.cast::<c_void>(),
        mask: mask.0,
    };
    let result = outcome(Some(relay), |error| set(&raw const observer, error));
    if result.is_err() {
        // SAFETY: sgz_reader_set_observer/Ownership,
        // sgz_writer_set_observer/Ownership: on failure nothing is transferred,
        // so Rust still owns the box.
        unsafe { Box::from_raw(ctx) }.release();
    }
    // a drop may have panicked: that of the previous observer, or of the new
    // one
    relay.hand_over(result)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    struct Panics(&'static str);

    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("{}", self.0);
        }
    }

    /// The message of the panic if C refuses an observer. No version does this
    /// yet.
    fn refused(relay: &Arc<Relay>) -> String {
        let set = |_, _| raw::sgz_status::SGZ_E_STATE;
        let panics = Panics("the closure");
        let watch = move |_: &Event<'_>| {
            let _ = &panics;
            ControlFlow::Continue(())
        };
        // SAFETY: observe/Safety: C does not get the observer at all.
        let observe = || unsafe { observe(relay, EventMask::ALL, watch, set) };
        let caught = catch_unwind(AssertUnwindSafe(observe));
        let payload = caught.expect_err("the closure's drop panics");
        *payload.downcast().expect("a text")
    }

    #[test]
    fn a_refused_observer_is_dropped_and_the_first_panic_wins() {
        let relay = Arc::default();
        assert_eq!(refused(&relay), "the closure");
        relay.run(|| panic!("{}", "the first"));
        assert_eq!(refused(&relay), "the first");
    }
}
