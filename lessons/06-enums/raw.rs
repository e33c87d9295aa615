// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 06, enums: codes, formats and kinds, and the union under one.

use core::ffi::{c_int, c_void};
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
    // /Threads: the thread that lent ctx, a Tally, waits in the library, so
    // this is the only reference to it.
    let (tally, event) = unsafe { (&mut *ctx.cast::<Tally>(), &*event) };
    // SAFETY: sgz_observer.event/Ownership: what the kind names is borrowed;
    // each arm reads that and no other.
    unsafe {
        match event.kind {
            // first the kind: it says which field is set
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

/// An observer with `tally` for its ctx, which has to outlive its handle.
fn observer(tally: &mut Tally) -> sgz_observer {
    sgz_observer {
        event: Some(count),
        release: None,
        ctx: (&raw mut *tally).cast(),
        mask: SGZ_EVENT_ALL,
    }
}

fn record(rec: &mut Recorder, tally: &Tally) {
    rec.int("members", tally.members);
    rec.int("blocks", tally.blocks);
    rec.int("bytes in blocks", tally.bytes);
    rec.int("progress", tally.done);
    rec.int("of later versions", tally.later);
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (data, len) = (input.data().as_ptr().cast(), input.data().len());
    let (mut writer, no_err) = (null_mut(), null_mut());

    rec.step("a known code");
    let status = sgz_status::SGZ_E_CRC;
    rec.int("code", status.0);
    // SAFETY: sgz_status_name/Lifetime: as long as the library is loaded.
    // record_text/Safety: it is NUL-terminated.
    unsafe { record_text(rec, "name", sgz_status_name(status)) };

    rec.step("a later code");
    let status = sgz_status(-99); // as a Rust enum: undefined behaviour
    rec.int("code", status.0);
    // SAFETY: sgz_status_name/Errors: NULL. record_text/Safety: takes it.
    unsafe { record_text(rec, "name", sgz_status_name(status)) };

    rec.step("signedness");
    // C's compiler chose c_int for the first and c_uint for the second
    rec.int("status of all ones", sgz_status(!0).0);
    rec.int("kind of all ones", sgz_event_kind(!0).0);

    rec.step("detect");
    // SAFETY: sgz_detect/Ownership: both are borrowed for the call.
    unsafe {
        rec.int("input", sgz_detect(data, len).0);
        let plain = PLAIN.as_ptr().cast();
        rec.int("plain", sgz_detect(plain, PLAIN.len()).0);
    }

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
    let (mut gz, mut tally) = (buffer_init(), Tally::default());
    let watch = observer(&mut tally);
    // SAFETY: sgz_writer_open_memory/Lifetime: gz stays untouched until the
    // writer is freed. sgz_writer_set_observer/Lifetime: and so does tally.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    unsafe {
        let rc = sgz_writer_open_memory(&mut gz, null(), &mut writer, no_err);
        rec.status("open", rc.0);
        let _ = sgz_writer_set_observer(writer, &watch, no_err);
        let _ = sgz_writer_write(writer, data, len, no_err);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        sgz_writer_free(writer);
    }
    record(rec, &tally);
    // SAFETY: std slice::from_raw_parts: finish() put a block there at least,
    // so it is not NULL. sgz_writer_open_memory/Ownership: it is ours, and
    // stays until it is released below.
    let bytes = unsafe { std::slice::from_raw_parts(gz.data, gz.len) };

    rec.step("read blocks");
    tally = Tally::default();
    rec.status("read", read_all(bytes, &observer(&mut tally)).0);
    record(rec, &tally);

    rec.step("read a member");
    tally = Tally::default();
    rec.status("read", read_all(&PLAIN, &observer(&mut tally)).0);
    record(rec, &tally);

    rec.step("read half");
    tally = Tally::default();
    rec.status("read", read_all(&bytes[..gz.len / 2], &observer(&mut tally)).0);
    record(rec, &tally);
    // SAFETY: sgz_buffer_release/Lifetime: `bytes` is not used again.
    unsafe { sgz_buffer_release(&mut gz) };
}
