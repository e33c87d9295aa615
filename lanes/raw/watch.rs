// SPDX-License-Identifier: MIT OR Apache-2.0
//! What closures count in, and a way to count the closures themselves.

use core::ffi::c_int;
use std::cell::Cell;

use super::super::sys::*;

/// Adds one when it is dropped: its owner's release can be counted.
pub struct Guard<'a>(pub &'a Cell<i64>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// What the closures count in; all on one thread, so a Cell will do.
#[derive(Default)]
pub struct Watch {
    /// Blocks that were told of.
    pub blocks: Cell<i64>,
    /// Where the last one begins.
    pub offset: Cell<u64>,
    /// Closures that were dropped.
    pub released: Cell<i64>,
}

impl Watch {
    /// A closure for an observer, which counts here and gives `answer`.
    pub fn closure(&self, answer: c_int) -> impl FnMut(&sgz_event) -> c_int {
        let guard = Guard(&self.released);
        move |event| {
            let _ = &guard; // so that it moves in, and goes with the closure
            if event.kind != sgz_event_kind::SGZ_EVENT_BLOCK {
                return 0;
            }
            // SAFETY: sgz_observer.event/Ownership: `kind` says `block`.
            let block = unsafe { event.data.block };
            self.blocks.set(self.blocks.get() + 1);
            self.offset.set(block.offset);
            answer
        }
    }
}
