// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 08, allocators: whose memory it is, and who gives it back.

use std::alloc::{Layout, alloc, dealloc, realloc};
use std::cell::Cell;
use core::ffi::{c_int, c_void};
use std::ptr::null_mut;

use super::prelude::*;
use super::sys::*;

/// Counts what it passes on to Rust's allocator, and can fail once.
#[derive(Default)]
struct Counter {
    allocs: Cell<i64>,
    frees: Cell<i64>,
    bytes: Cell<usize>,
    left: Cell<i64>, // so many are granted before one is not; -1: all
}

impl Counter {
    fn reset(&self, left: i64) {
        self.allocs.set(0);
        self.frees.set(0);
        self.bytes.set(0);
        self.left.set(left);
    }

    /// How to lay out a block of `size` bytes; None: it is not granted.
    fn grant(&self, size: usize) -> Option<Layout> {
        if self.left.replace(self.left.get() - 1) == 0 {
            return None;
        }
        self.bytes.set(self.bytes.get() + size);
        layout(size)
    }

    fn live(&self) -> i64 {
        self.allocs.get() - self.frees.get()
    }

    fn record(&self, rec: &mut Recorder) {
        rec.int("allocated", self.allocs.get());
        rec.int("bytes", self.bytes.get());
        rec.int("live", self.live());
    }
}

/// Rust's dealloc() wants the size that C's free() knows by itself: it stands
/// in front of each block, in so many bytes that the rest stays aligned.
const HEAD: usize = 16;

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEAD)?, HEAD).ok()
}

/// Put `size` in front, and step over it.
///
/// # Safety
///
/// `block` is NULL, or has HEAD bytes and more, aligned to HEAD.
unsafe fn stamp(block: *mut c_void, size: usize) -> *mut c_void {
    if block.is_null() {
        return null_mut();
    }
    // SAFETY: std ptr::write: stamp/Safety: there is room for a usize.
    unsafe {
        block.cast::<usize>().write(size);
        block.byte_add(HEAD)
    }
}

unsafe extern "C" fn counted_alloc(
    ctx: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: sgz_writer_open/Lifetime, sgz_reader_open/Lifetime: ctx is run's
    // counter, which outlives the handles. sgz_allocator.alloc/Threads: on
    // run's thread, so its cells will do.
    let counter = unsafe { &*ctx.cast::<Counter>() };
    let Some(layout) = counter.grant(size) else {
        return null_mut();
    };
    counter.allocs.set(counter.allocs.get() + 1);
    // SAFETY: std alloc::alloc: with HEAD it is not empty. stamp/Safety: and
    // there is room for HEAD, or it is NULL.
    unsafe { stamp(alloc(layout).cast(), size) }
}

unsafe extern "C" fn counted_realloc(
    ctx: *mut c_void,
    ptr: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: sgz_allocator.realloc/Threads: the same counter, as above.
    let counter = unsafe { &*ctx.cast::<Counter>() };
    let Some(new) = counter.grant(size) else {
        return null_mut(); // and the old block stays
    };
    // SAFETY: sgz_allocator.realloc/Ownership: the block is one of ours, so
    // its size stands in front. std alloc::realloc: with that same layout.
    // stamp/Safety: as above.
    unsafe {
        let head = ptr.byte_sub(HEAD).cast::<usize>();
        let Some(old) = layout(head.read()) else {
            return null_mut();
        };
        stamp(realloc(head.cast(), old, new.size()).cast(), size)
    }
}

unsafe extern "C" fn counted_free(ctx: *mut c_void, ptr: *mut c_void) {
    // SAFETY: sgz_allocator.free/Threads: the same counter, as above.
    // /Ownership: the block is one of ours, so its size stands in front.
    // std alloc::dealloc: with that same layout.
    unsafe {
        let counter = &*ctx.cast::<Counter>();
        counter.frees.set(counter.frees.get() + 1);
        let head = ptr.byte_sub(HEAD).cast::<usize>();
        if let Some(layout) = layout(head.read()) {
            dealloc(head.cast(), layout);
        }
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (data, len) = (input.data().as_ptr().cast(), input.data().len());
    let counter = Counter::default();
    let counted = sgz_allocator {
        alloc: Some(counted_alloc),
        realloc: Some(counted_realloc),
        free: Some(counted_free),
        ctx: (&raw const counter).cast_mut().cast(),
    };
    let (mut gz, mut line) = (buffer_init(), buffer_init());
    let (mut writer, mut reader) = (null_mut(), null_mut());
    let (mut err, no_err) = (error_init(), null_mut());
    let mut options = options_init();
    options.allocator = &counted;

    rec.step("a counted writer");
    counter.reset(-1);
    // SAFETY: sgz_writer_open_memory/Lifetime: gz stays untouched until the
    // writer is freed. sgz_writer_open/Lifetime: and so does the counter.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    unsafe {
        let rc = sgz_writer_open_memory(&mut gz, &options, &mut writer, no_err);
        rec.status("open", rc.0);
        let _ = sgz_writer_write(writer, data, len, no_err);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        sgz_writer_free(writer); // by our counted_free()
    }
    counter.record(rec);

    rec.step("a buffer handed over");
    let (bytes, len) = (gz.data, gz.len);
    // SAFETY: std slice::from_raw_parts: finish() put a block there at least.
    rec.bytes("gzip", unsafe { std::slice::from_raw_parts(bytes, len) });

    rec.step("a counted reader");
    counter.reset(-1);
    let bytes = bytes.cast();
    // SAFETY: sgz_reader_open_memory/Lifetime: gz stays until the close.
    // sgz_reader_open/Lifetime: and so does the counter.
    let rc = unsafe {
        sgz_reader_open_memory(bytes, len, &options, &mut reader, no_err)
    };
    rec.status("open", rc.0);
    counter.record(rec);

    rec.step("a buffer that C grows");
    let (mut lines, mut longest) = (0, 0);
    let newline = c_int::from(b'\n');
    // SAFETY: sgz_reader_read_line/Ownership: line.data is ours, and goes to
    // sgz_buffer_release(), never to Rust's Vec or dealloc().
    unsafe {
        while sgz_reader_read_line(reader, newline, &mut line, no_err)
            == sgz_status::SGZ_OK
            && line.len > 0
        {
            lines += 1;
            longest = longest.max(line.len);
        }
        sgz_buffer_release(&mut line);
    }
    rec.int("lines", lines);
    rec.int("longest", longest);

    rec.step("a text handed out");
    let mut text = null_mut();
    // SAFETY: sgz_reader_get_header/Lifetime: used before the next call.
    // sgz_header_describe/Ownership: text is ours, and sgz_free() takes it;
    // CString::from_raw() would give C's memory to Rust's allocator.
    // record_text/Safety: it is NUL-terminated.
    unsafe {
        let header = sgz_reader_get_header(reader);
        let rc = sgz_header_describe(header, &mut text, no_err);
        rec.status("describe", rc.0);
        record_text(rec, "text", text);
        sgz_free(text.cast());
        sgz_reader_close(reader);
    }
    counter.record(rec);

    rec.step("out of memory");
    let (mut left, mut lost, mut rc) = (0, 0, sgz_status::SGZ_E_NOMEM);
    while rc == sgz_status::SGZ_E_NOMEM {
        counter.reset(left);
        reader = null_mut();
        let (out, err_out) = (&raw mut reader, &raw mut err);
        // SAFETY: sgz_reader_open_memory/Errors: the reader stays NULL then.
        // sgz_reader_close/Ownership: which is allowed.
        unsafe {
            rc = sgz_reader_open_memory(bytes, len, &options, out, err_out);
            sgz_reader_close(reader);
        }
        if left == 0 {
            record_error(rec, "refused", &err);
        }
        lost += counter.live();
        left += 1;
    }
    rec.status("in the end", rc.0);
    rec.int("lost", lost);

    rec.step("another default");
    // SAFETY: sgz_allocator_set_default/Threads: a cell has but this thread.
    // /Errors: a block of the default is alive, so it is refused, and `counted`
    // need not stay. sgz_alloc/Ownership: sgz_free() takes it.
    unsafe {
        let block = sgz_alloc(16);
        let _ = sgz_allocator_set_default(&counted, &mut err);
        sgz_free(block);
    }
    record_error(rec, "refused", &err);

    rec.step("given back twice");
    // SAFETY: sgz_buffer_release/Ownership: the first leaves an empty buffer.
    // /Lifetime: `bytes` is not used again. sgz_free/Ownership: NULL is
    // allowed.
    unsafe {
        sgz_buffer_release(&mut gz);
        sgz_buffer_release(&mut gz);
        sgz_free(null_mut());
    }
    rec.int("bytes left", gz.len);
}
