//! What `?` leaves behind.

use std::ffi::{CString, NulError, c_char, c_int};
use std::slice;

#[repr(C)]
struct RawMailbox {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn mailbox_new(
        room: usize,
        drop: unsafe extern "C" fn(letter: *mut c_char),
    ) -> *mut RawMailbox;
    fn mailbox_put(mailbox: *mut RawMailbox, letter: *mut c_char) -> c_int;
    fn mailbox_take(mailbox: *mut RawMailbox) -> *mut c_char;
    fn mailbox_free(mailbox: *mut RawMailbox);
}

enum Failure {
    NulInside,
    Refused,
    NoMemory,
}

impl From<NulError> for Failure {
    fn from(_: NulError) -> Self {
        Self::NulInside
    }
}

/// For the letters that are left when a mailbox ends.
unsafe extern "C" fn drop_letter(letter: *mut c_char) {
    // SAFETY: task.md: mailbox_free: all letters in it come from put().
    drop(unsafe { CString::from_raw(letter) });
}

fn put(mailbox: *mut RawMailbox, line: &[u8]) -> Result<(), Failure> {
    let letter = CString::new(line)?.into_raw();
    // SAFETY: task.md: mailbox_put: the mailbox is open. The letter is its own
    // if it takes it.
    let status = unsafe { mailbox_put(mailbox, letter) };
    check(status).inspect_err(|_| {
        // SAFETY: task.md: mailbox_put: after a failure it is still ours, and
        // it is from into_raw().
        drop(unsafe { CString::from_raw(letter) });
    })
}

fn check(status: c_int) -> Result<(), Failure> {
    if status == 0 {
        Ok(())
    } else {
        Err(Failure::Refused)
    }
}

fn longest(text: &[u8], room: usize) -> Result<usize, Failure> {
    // SAFETY: task.md: mailbox_new: drop_letter() frees what put() makes.
    let mailbox = unsafe { mailbox_new(room, drop_letter) };
    if mailbox.is_null() {
        return Err(Failure::NoMemory);
    }
    let result = longest_in(mailbox, text);
    // SAFETY: task.md: mailbox_free: nobody uses it after this.
    unsafe { mailbox_free(mailbox) };
    result
}

fn longest_in(mailbox: *mut RawMailbox, text: &[u8]) -> Result<usize, Failure> {
    for line in text.split(|byte| *byte == b'\n') {
        put(mailbox, line)?;
    }
    let mut longest = 0;
    loop {
        // SAFETY: task.md: mailbox_take: the letter is ours from now on.
        let letter = unsafe { mailbox_take(mailbox) };
        if letter.is_null() {
            return Ok(longest);
        }
        // SAFETY: task.md: all letters come from put().
        let letter = unsafe { CString::from_raw(letter) };
        longest = longest.max(letter.as_bytes().len());
    }
}

/// The length of the longest line; below 0: it is a failure.
#[unsafe(no_mangle)]
extern "C" fn longest_line(text: *const u8, len: usize, room: usize) -> i64 {
    // SAFETY: task.md: the caller passes that many bytes.
    let text = unsafe { slice::from_raw_parts(text, len) };
    match longest(text, room) {
        Ok(longest) => longest as i64,
        Err(Failure::NulInside) => -1,
        Err(Failure::Refused) => -2,
        Err(Failure::NoMemory) => -3,
    }
}
