// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 06, enums: codes, formats and kinds, and the union under one.

use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

use super::prelude::*;
use super::sys::*;

/// The smallest gzip file: one member, of nothing, that is no BGZF block.
const PLAIN: [u8; 20] = [
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

/// What an observer was told of, by kind.
#[derive(Default)]
struct Tally {
    members: u64,
    blocks: u64,
    bytes: u64,
    done: u64,
    later: u64,
}

unsafe extern "C" fn count(ctx: *mut c_void, event: *const sgz_event) -> c_int {
    // SAFETY: sgz_observer.event/Lifetime: neither reference leaves.
    // /Threads: the thread that lent ctx, a Tally, waits in the library.
    let (tally, event) = unsafe { (&mut *ctx.cast::<Tally>(), &*event) };
    // first the kind: it says which field is set
    // SAFETY: sgz_observer.event/Ownership: that field, in each arm, is lent.
    unsafe {
        match event.kind {
            sgz_event_kind::SGZ_EVENT_MEMBER => {
                tally.members += u64::from(!event.data.member.is_null());
            }
            sgz_event_kind::SGZ_EVENT_BLOCK => {
                tally.blocks += 1;
                tally.bytes += u64::from(event.data.block.len);
            }
            sgz_event_kind::SGZ_EVENT_PROGRESS => {
                tally.done = event.data.progress.done;
            }
            sgz_event_kind::SGZ_EVENT_LOG => {}
            // a later version's: nothing of `data` may be read
            _ => tally.later += 1,
        }
    }
    0
}

/// An observer with `tally` for its ctx.
fn observer(tally: &mut Tally) -> sgz_observer {
    sgz_observer {
        event: Some(count),
        release: None,
        ctx: (&raw mut *tally).cast(),
        mask: u32::MAX, // SGZ_EVENT_ALL, which bindgen cannot see
    }
}

fn record(rec: &mut Recorder, tally: &Tally) {
    rec.int("members", tally.members);
    rec.int("blocks", tally.blocks);
    rec.int("bytes in blocks", tally.bytes);
    rec.int("progress", tally.done);
    rec.int("of later versions", tally.later);
}

/// Read `gz` to its end, or to its failure.
fn read_all(gz: &[u8], tally: &mut Tally) -> sgz_status {
    let observer = observer(tally);
    let mut reader = null_mut();
    let mut chunk = [0; 4096];
    let mut got = 1;
    // SAFETY: sgz_reader_open_memory/Lifetime: gz and tally outlive the
    // reader, which is closed below. /Errors: it is used only after SGZ_OK.
    // sgz_reader_read/Ownership: chunk is borrowed for each call.
    unsafe {
        let mut rc = sgz_reader_open_memory(
            gz.as_ptr().cast(),
            gz.len(),
            null(),
            &raw mut reader,
            null_mut(),
        );
        if rc == sgz_status::SGZ_OK {
            rc = sgz_reader_set_observer(
                reader,
                &raw const observer,
                null_mut(),
            );
        }
        while rc == sgz_status::SGZ_OK && got > 0 {
            rc = sgz_reader_read(
                reader,
                chunk.as_mut_ptr().cast(),
                chunk.len(),
                &raw mut got,
                null_mut(),
            );
        }
        sgz_reader_close(reader);
        rc
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();

    rec.step("a known code");
    let status = sgz_status::SGZ_E_CRC;
    rec.int("code", status.0);
    // SAFETY: sgz_status_name/Lifetime: as long as the library is loaded.
    unsafe { record_text(rec, "name", sgz_status_name(status)) };

    rec.step("a later code");
    let status = sgz_status(-99); // as a Rust enum: undefined behaviour
    rec.int("code", status.0);
    // SAFETY: sgz_status_name/Errors: record_text() takes the NULL.
    unsafe { record_text(rec, "name", sgz_status_name(status)) };

    rec.step("signedness");
    // C's compiler chose c_int for the first and c_uint for the second
    rec.int("status of all ones", sgz_status(!0).0);
    rec.int("kind of all ones", sgz_event_kind(!0).0);

    rec.step("detect");
    // SAFETY: sgz_detect/Ownership: both are borrowed for the call.
    let (found, plain) = unsafe {
        (
            sgz_detect(data.as_ptr().cast(), data.len()),
            sgz_detect(PLAIN.as_ptr().cast(), PLAIN.len()),
        )
    };
    rec.int("input", found.0);
    rec.int("plain", plain.0);

    rec.step("one memory");
    // SAFETY: std mem::zeroed: NULL and 0 are values of every field.
    let mut event: sgz_event = unsafe { std::mem::zeroed() };
    event.data.progress.done = 7; // and read as what it is not
    // SAFETY: std union: the bytes are written, and any are a u64.
    let offset = unsafe { event.data.block.compressed_offset };
    rec.int("offset", offset);
    rec.int("bytes of the union", size_of_val(&event.data));
    rec.int("bytes of a block", size_of::<sgz_event_block>());

    rec.step("write");
    let mut gz = buffer_init();
    let mut writer = null_mut();
    let mut tally = Tally::default();
    let watch = observer(&mut tally);
    // SAFETY: sgz_writer_open_memory/Lifetime: gz and tally outlive the
    // writer, freed below, and are not touched before. /Errors: with these
    // arguments only memory can fail, and a NULL writer would be a crash.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    unsafe {
        rec.status(
            "open",
            sgz_writer_open_memory(
                &raw mut gz,
                null(),
                &raw mut writer,
                null_mut(),
            )
            .0,
        );
        sgz_writer_set_observer(writer, &raw const watch, null_mut());
        sgz_writer_write(writer, data.as_ptr().cast(), data.len(), null_mut());
        rec.status("finish", sgz_writer_finish(writer, null_mut()).0);
        sgz_writer_free(writer);
    }
    record(rec, &tally);

    // SAFETY: std slice::from_raw_parts: finish() put a block there at
    // least, so data is not NULL. sgz_writer_open_memory/Ownership: it is
    // ours, and stays until sgz_buffer_release().
    let bytes = unsafe { std::slice::from_raw_parts(gz.data, gz.len) };

    rec.step("read blocks");
    tally = Tally::default();
    rec.status("read", read_all(bytes, &mut tally).0);
    record(rec, &tally);

    rec.step("read a member");
    tally = Tally::default();
    rec.status("read", read_all(&PLAIN, &mut tally).0);
    record(rec, &tally);

    rec.step("read half");
    tally = Tally::default();
    rec.status("read", read_all(&bytes[..gz.len / 2], &mut tally).0);
    record(rec, &tally);
    // SAFETY: sgz_buffer_release/Lifetime: `bytes` is not used again.
    unsafe { sgz_buffer_release(&raw mut gz) };
}
