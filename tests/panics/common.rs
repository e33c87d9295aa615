// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the programs share: they say on stdout what happens.

use std::any::Any;
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::io::{Write as _, stdout};
use std::panic;

pub type Unwinding = extern "C-unwind" fn(*mut c_void) -> c_int;
pub type Caught<T> = Result<T, Box<dyn Any + Send>>;

pub fn say(text: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{text}").unwrap();
    out.flush().unwrap();
}

/// No backtraces: they name functions that a test looks for, and take time.
pub fn panic_briefly() {
    panic::set_hook(Box::new(|info| say(text(info.payload()))));
}

fn text(payload: &dyn Any) -> &str {
    payload.downcast_ref::<&str>().unwrap_or(&"(no text)")
}

/// Says that it is dropped.
pub struct Guard(pub &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        say(self.0);
    }
}

/// A condition that holds, which the compiler does not know.
pub fn unknown() -> bool {
    black_box(true)
}

pub fn report<T>(caught: &Caught<T>) {
    let what = caught.as_ref().err().map_or("nothing", |why| text(&**why));
    say(&format!("caught: {what}"));
}
