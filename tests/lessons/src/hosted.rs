// SPDX-License-Identifier: MIT OR Apache-2.0
//! A cell in this process, with the driver's own recorder and judge
//! (`hosted.h`): what `cargo test` finds is what the driver finds.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::NonNull;

use ferrule_lane::abi::ferrule_recorder;

use crate::declared::Allowance;
use crate::memory::Usage;

#[repr(C)]
struct hosted {
    _opaque: [u8; 0],
}

#[repr(C)]
struct hosted_declared {
    step: *const c_char,
    prevented: bool,
    memory: bool,
    freed: bool,
    facts: *const *const c_char,
    fact_count: usize,
}

unsafe extern "C" {
    fn hosted_begin() -> *mut hosted;
    fn hosted_recorder(hosted: *mut hosted) -> *mut ferrule_recorder;
    fn hosted_end(hosted: *mut hosted);
    fn hosted_free(hosted: *mut hosted);
    fn hosted_judge(
        lane: *const hosted,
        c: *const hosted,
        declared: *const hosted_declared,
        declared_count: usize,
    ) -> *mut c_char;
    fn hosted_text_free(text: *mut c_char);
    fn hosted_has_bytes(
        hosted: *const hosted,
        step: *const c_char,
        label: *const c_char,
        data: *const c_void,
        len: usize,
    ) -> bool;
}

/// What the library has allocated until now, for the recorder to book.
#[unsafe(no_mangle)]
unsafe extern "C" fn hosted_usage(allocs: *mut u64, bytes: *mut u64) {
    let now = Usage::now();

    // SAFETY: hosted.h: two places to write to.
    unsafe { (*allocs, *bytes) = (now.allocs, now.bytes) };
}

/// A cell that has run.
///
/// # Invariants
///
/// The pointer is a cell of `hosted_begin()` that was ended and is not freed.
pub struct Hosted(NonNull<hosted>);

impl Hosted {
    /// Run `lesson` with a recorder.
    pub fn run(lesson: impl FnOnce(*mut ferrule_recorder)) -> Self {
        // SAFETY: hosted.h: no other cell runs (see `ONE_AT_A_TIME`).
        let cell = unsafe { hosted_begin() };

        // SAFETY: hosted.h: the cell has begun.
        lesson(unsafe { hosted_recorder(cell) });
        // SAFETY: hosted.h: it has begun, and its lesson has returned.
        unsafe { hosted_end(cell) };
        Self(NonNull::new(cell).expect("it ends the program instead"))
    }

    /// In what it differs from the `c` lane, apart from what is `declared`.
    pub fn judge(
        &self,
        c: &Self,
        declared: &HashMap<String, Allowance>,
    ) -> Result<(), String> {
        let text = |text: &String| CString::new(text.as_str()).expect("no NUL");
        let texts: Vec<(CString, Vec<CString>)> = declared
            .iter()
            .map(|(step, allowed)| {
                (text(step), allowed.facts.iter().map(text).collect())
            })
            .collect();
        let facts: Vec<Vec<*const c_char>> = texts
            .iter()
            .map(|(_, facts)| facts.iter().map(|fact| fact.as_ptr()).collect())
            .collect();
        let rows: Vec<hosted_declared> = declared
            .values()
            .zip(texts.iter().zip(&facts))
            .map(|(allowed, ((step, _), facts))| hosted_declared {
                step: step.as_ptr(),
                prevented: allowed.prevented,
                memory: allowed.memory,
                freed: allowed.freed,
                facts: facts.as_ptr(),
                fact_count: facts.len(),
            })
            .collect();
        let (lane, c) = (self.0.as_ptr(), c.0.as_ptr());

        // SAFETY: Hosted/Invariants: both have ended. hosted.h: the rows and
        // their texts live until here.
        let reasons =
            unsafe { hosted_judge(lane, c, rows.as_ptr(), rows.len()) };
        if reasons.is_null() {
            return Ok(());
        }
        // SAFETY: std CStr::from_ptr: hosted.h: a text, ours until it is freed.
        let said = unsafe { CStr::from_ptr(reasons) };
        let said = said.to_string_lossy().into_owned();
        // SAFETY: hosted.h: it came from hosted_judge().
        unsafe { hosted_text_free(reasons) };
        Err(said)
    }

    /// Whether `step` recorded `data`.
    pub fn has_bytes(&self, step: &CStr, label: &CStr, data: &[u8]) -> bool {
        // SAFETY: Hosted/Invariants: it has ended. hosted.h: texts, and bytes.
        unsafe {
            hosted_has_bytes(
                self.0.as_ptr(),
                step.as_ptr(),
                label.as_ptr(),
                data.as_ptr().cast(),
                data.len(),
            )
        }
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        // SAFETY: Hosted/Invariants: it is not freed.
        unsafe { hosted_free(self.0.as_ptr()) };
    }
}
