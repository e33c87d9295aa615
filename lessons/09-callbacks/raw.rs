// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 09, callbacks: the library calls back, and lets go.

use std::cell::Cell;
use core::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

use super::prelude::*;
use super::sys::*;

/// An observer that owns the closure `f`: a function of C's shape for each
/// type F, with the boxed closure for its ctx, and another to drop the box.
fn observer<F>(f: F) -> sgz_observer
where
    F: FnMut(&sgz_event) -> c_int,
{
    unsafe extern "C" fn event<F>(
        ctx: *mut c_void,
        event: *const sgz_event,
    ) -> c_int
    where
        F: FnMut(&sgz_event) -> c_int,
    {
        // SAFETY: sgz_observer.event/Lifetime: the event is borrowed, for this
        // call. /Re-entry: f is not running, so this is its only &mut.
        unsafe { (*ctx.cast::<F>())(&*event) }
    }
    unsafe extern "C" fn release<F>(ctx: *mut c_void) {
        // SAFETY: sgz_observer.release/Lifetime: nobody uses ctx after this.
        drop(unsafe { Box::from_raw(ctx.cast::<F>()) });
    }
    sgz_observer {
        event: Some(event::<F>),
        release: Some(release::<F>),
        ctx: Box::into_raw(Box::new(f)).cast(),
        mask: SGZ_EVENT_ALL,
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (data, len) = (input.data().as_ptr().cast(), input.data().len());
    let mut store = Store::default();
    let ctx = (&raw mut store).cast();
    let [watch, seen, stop, enter] = <[Watch; 4]>::default();
    let (mut writer, mut reader) = (null_mut(), null_mut());
    let (mut err, no_err, mut total) = (error_init(), null_mut(), 0);

    rec.step("a sink");
    let sink = sgz_sink {
        write: Some(store_write),
        flush: None,
        close: Some(store_close),
        ctx,
    };
    let watching = observer(watch.closure(0));
    // SAFETY: sgz_writer_open_sink/Lifetime: the store outlives the writer.
    // sgz_writer_set_observer/Lifetime: and so does what the closure borrows.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    unsafe {
        let rc = sgz_writer_open_sink(&sink, null(), &mut writer, no_err);
        rec.status("open", rc.0);
        let _ = sgz_writer_set_observer(writer, &watching, no_err);
        let _ = sgz_writer_write(writer, data, len, no_err);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        sgz_writer_free(writer); // and with it both of our ctx
    }
    rec.int("writes", store.writes);
    rec.int("closed", store.closed);
    rec.int("blocks", watch.blocks.get());
    rec.int("released", watch.released.get());

    rec.step("a source");
    let source = sgz_source {
        read: Some(store_read),
        seek: None,
        close: Some(store_close),
        ctx,
    };
    // SAFETY: sgz_reader_open_source/Lifetime: the store outlives the reader.
    // drain/Safety: it is open, and has lent nothing.
    unsafe {
        let rc = sgz_reader_open_source(&source, null(), &mut reader, no_err);
        rec.status("open", rc.0);
        rec.status("read", code(drain(reader, &mut total, no_err)));
        rec.int("position", sgz_reader_tell(reader));
        sgz_reader_close(reader);
    }
    rec.int("closed", store.closed);

    rec.step("observe");
    let (data, len) = (store.data.as_ptr().cast(), store.data.len());
    let seeing = observer(seen.closure(0));
    // SAFETY: sgz_reader_open_memory/Lifetime: the store outlives the reader,
    // and does not grow. sgz_reader_set_observer/Ownership: the box is C's.
    // /Lifetime: what the closure borrows outlives it. drain/Safety: as above.
    unsafe {
        let _ = sgz_reader_open_memory(data, len, null(), &mut reader, no_err);
        let rc = sgz_reader_set_observer(reader, &seeing, no_err);
        rec.status("set", rc.0);
        rec.status("read", code(drain(reader, &mut total, no_err)));
    }
    rec.int("blocks", seen.blocks.get());
    rec.int("last offset", seen.offset.get());
    rec.int("released", seen.released.get());

    rec.step("cancel");
    let stopping = observer(stop.closure(42));
    // SAFETY: sgz_reader_set_observer/Ownership: the former box is dropped
    // by its release() before the call returns; the new one is C's.
    // sgz_reader_seek/Lifetime, drain/Safety: nothing is borrowed.
    unsafe {
        let _ = sgz_reader_set_observer(reader, &stopping, no_err);
        rec.int("the former released", seen.released.get());
        // a seek reads a block, so it is what our answer ends
        let rc = sgz_reader_seek(reader, 0, &mut err);
        rec.status("seek", rc.0);
        if rc != sgz_status::SGZ_OK {
            // of an empty file there is no block
            record_error(rec, "failure", &err); // 42 is its errno
        }
        rec.status("read", code(drain(reader, &mut total, no_err))); // it sticks
    }

    rec.step("unregister");
    // SAFETY: sgz_reader_set_observer/Ownership: NULL takes the observer off.
    // sgz_reader_seek/Lifetime, drain/Safety: nothing is borrowed.
    unsafe {
        let rc = sgz_reader_set_observer(reader, null(), no_err);
        rec.status("set", rc.0);
        rec.int("released", stop.released.get());
        let _ = sgz_reader_seek(reader, 0, no_err);
        rec.status("read", code(drain(reader, &mut total, no_err)));
    }
    rec.int("blocks", stop.blocks.get());

    rec.step("enter again");
    let inside = Cell::new(sgz_status::SGZ_OK);
    let (result, guard) = (&inside, Guard(&enter.released));
    let entering = observer(move |event| {
        let _ = &guard; // as above
        if event.kind == sgz_event_kind::SGZ_EVENT_BLOCK {
            // SAFETY: sgz_observer.event/Re-entry: it returns SGZ_E_STATE, and
            // touches nothing of the reader, nor this closure.
            result.set(unsafe { sgz_reader_seek(reader, 0, no_err) });
        }
        0
    });
    // SAFETY: sgz_reader_set_observer/Lifetime: what the closure borrows
    // lives until release(), at the close below. sgz_reader_seek/Lifetime,
    // drain/Safety: nothing is borrowed.
    unsafe {
        let _ = sgz_reader_set_observer(reader, &entering, no_err);
        let _ = sgz_reader_seek(reader, 0, no_err);
        rec.status("read", code(drain(reader, &mut total, no_err)));
    }
    rec.status("inside", inside.get().0);

    rec.step("close");
    // SAFETY: sgz_reader_close/Ownership: the last box is dropped in it.
    unsafe { sgz_reader_close(reader) };
    rec.int("released", enter.released.get());
}
