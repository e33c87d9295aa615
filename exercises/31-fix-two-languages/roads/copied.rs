//! The half in Rust.

use std::ffi::{CString, c_char, c_void};
use std::{ptr, slice};

unsafe extern "C" {
    fn word_lengths(
        text: *const c_char,
        len: usize,
        count_out: *mut usize,
    ) -> *mut u32;
    fn lengths_free(lengths: *mut u32);
    fn each_word(
        text: *const c_char,
        len: usize,
        call: unsafe extern "C" fn(context: *mut c_void, word_len: usize),
        release: unsafe extern "C" fn(context: *mut c_void),
        context: *mut c_void,
    );
}

#[unsafe(no_mangle)]
extern "C" fn word_upper(word: *const c_char, len: usize) -> *mut c_char {
    // SAFETY: task.md: word_upper: the caller passes that many bytes.
    let word = unsafe { slice::from_raw_parts(word.cast::<u8>(), len) };
    // a word has no NUL, which is below ' '
    CString::new(word.to_ascii_uppercase())
        .map_or(ptr::null_mut(), CString::into_raw)
}

#[unsafe(no_mangle)]
extern "C" fn word_free(word: *mut c_char) {
    if !word.is_null() {
        // SAFETY: task.md: word_free: it is from word_upper(), and is freed
        // once.
        drop(unsafe { CString::from_raw(word) });
    }
}

#[unsafe(no_mangle)]
extern "C" fn median(text: *const c_char, len: usize) -> u32 {
    let mut count = 0;
    // SAFETY: task.md: the caller passes that many bytes.
    let lengths = unsafe { word_lengths(text, len, &mut count) };
    if lengths.is_null() {
        return 0;
    }
    // SAFETY: task.md: word_lengths: so many are there, and they are ours.
    let mut copy = unsafe { slice::from_raw_parts(lengths, count) }.to_vec();
    // SAFETY: task.md: lengths_free: they are from word_lengths(), and were
    // copied.
    unsafe { lengths_free(lengths) };
    copy.sort_unstable();
    copy[count / 2]
}

#[repr(C)]
#[derive(Default)]
struct Totals {
    words: u64,
    bytes: u64,
    longest: u64,
}

/// What counting needs: where the totals go.
struct Counting {
    totals: Totals,
    out: *mut Totals,
}

unsafe extern "C" fn add(context: *mut c_void, word_len: usize) {
    // SAFETY: task.md: each_word: context is what count() has passed.
    let totals = unsafe { &mut (*context.cast::<Counting>()).totals };
    totals.words += 1;
    totals.bytes += word_len as u64;
    totals.longest = totals.longest.max(word_len as u64);
}

unsafe extern "C" fn release(context: *mut c_void) {
    // SAFETY: task.md: each_word: it is called once. count() has made it with
    // Box::into_raw, of this type.
    let counting = unsafe { Box::from_raw(context.cast::<Counting>()) };
    // SAFETY: task.md: count(): there is a place for the totals.
    unsafe { counting.out.write(counting.totals) };
}

#[unsafe(no_mangle)]
extern "C" fn count(text: *const c_char, len: usize, out: *mut Totals) {
    let totals = Totals::default();
    let counting = Box::new(Counting { totals, out });
    let context = Box::into_raw(counting).cast();
    // SAFETY: task.md: the caller passes that many bytes. The context is
    // release()'s from now on.
    unsafe { each_word(text, len, add, release, context) }
}
