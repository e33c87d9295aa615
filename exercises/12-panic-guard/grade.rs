// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::each_line;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, set_hook};

#[repr(C)]
pub struct Outcome {
    result: i32,
    calls: u32,
    len: u32,
    text: [u8; 64],
}

/// Calls `f` for each line, and says what came of it.
fn outcome(text: &[u8], mut f: impl FnMut(u32, &[u8])) -> Outcome {
    // of a second panic the hook of std would print a long backtrace
    set_hook(Box::new(|info| eprintln!("{info}")));
    let calls = &Cell::new(0);
    let owned = text.to_vec();
    let done = catch_unwind(AssertUnwindSafe(|| {
        each_line(text, move |line| {
            assert!(line.len() <= owned.len());
            calls.set(calls.get() + 1);
            f(calls.get(), line);
        })
    }));
    let mut out = Outcome {
        result: -1,
        calls: calls.get(),
        len: 0,
        text: [0; 64],
    };
    let said = match done {
        Ok(done) => {
            out.result = done.into();
            String::new()
        }
        Err(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => match payload.downcast::<Vec<u32>>() {
                Ok(numbers) => format!("{numbers:?}"),
                Err(_) => "something else".to_owned(),
            },
        },
    };
    let len = said.len().min(out.text.len());
    out.text[..len].copy_from_slice(&said.as_bytes()[..len]);
    out.len = u32::try_from(len).unwrap_or(0);
    out
}

/// # Safety
/// `data` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn visit(
    data: *const u8,
    len: usize,
    at: u32,
    out: &mut Outcome,
) {
    // SAFETY: task.md: promised.
    let data = unsafe { std::slice::from_raw_parts(data, len) };
    *out = outcome(data, |call, line| {
        assert!(call != at, "{}", line.escape_ascii());
    });
}

#[unsafe(no_mangle)]
extern "C" fn panic_with_number(out: &mut Outcome) {
    *out = outcome(b"a\nb", |_, _| panic_any(vec![6_u32, 7]));
}

#[unsafe(no_mangle)]
extern "C" fn from_within(out: &mut Outcome) {
    let mut refused = 0;
    *out = outcome(b"a\nb", |_, line| {
        refused += i32::from(!each_line(line, |_| ()));
    });
    out.result += 10 * refused;
}
