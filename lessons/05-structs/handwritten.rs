// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 05, structs: sizes and offsets, packed, bits, arrays without end.

use std::mem::{self, offset_of};
use std::ptr::{null, null_mut};
use std::slice;

use super::prelude::*;
use super::sys::*;

/// Two subfields: "AP" with five bytes, and "ZZ" with none.
const EXTRA: &[u8] = b"AP\x05\x00helloZZ\x00\x00";

/// What a program compiled against a later version would pass.
#[repr(C)]
struct Later {
    options: sgz_options,
    novelty: u64,
}

pub fn run(rec: &mut Recorder, input: &Input) {
    rec.step("layout");
    // Rust's own rules would reorder the fields: repr(C) is what counts.
    rec.int("bytes of options", size_of::<sgz_options>());
    rec.int("its block_size at", offset_of!(sgz_options, block_size));
    rec.int("its allocator at", offset_of!(sgz_options, allocator));
    rec.int("bytes of error", size_of::<sgz_error>());
    rec.int("bytes of prefix", size_of::<sgz_prefix>());
    rec.int("bytes of subfield", size_of::<sgz_subfield>());

    rec.step("defaults");
    // The macro is typed in a second time, as a constant.
    let mut options = SGZ_OPTIONS_INIT;
    rec.int("size", options.size);
    rec.int("level", options.level);
    rec.int("block_size", options.block_size);
    rec.int("read_size", options.read_size);

    rec.step("bitfields");
    // Seven fields of C are one integer here: shifts and masks, by hand.
    options.flags |= sgz_format::SGZ_FORMAT_GZIP.0 << sgz_options::FORMAT_SHIFT;
    options.flags |= sgz_options::SYNC_MASK;
    rec.bytes("bits", &options.flags.to_ne_bytes());
    options.flags &= !sgz_options::SYNC_MASK;

    rec.step("too small");
    let (mut gz, mut writer) = (buffer_init(), null_mut());
    let mut err = error_init();
    let mut small = options;
    small.size = offset_of!(sgz_options, allocator);
    // SAFETY: sgz_writer_open_memory/Errors: the size is refused, so err is
    // written, and no writer comes of it.
    let rc = unsafe {
        sgz_writer_open_memory(&mut gz, &small, &mut writer, &mut err)
    };
    rec.status("open", rc.0);
    record_error(rec, "open", &err);

    rec.step("from the future");
    let mut later = Later {
        options,
        novelty: 1,
    };
    later.options.size = size_of::<Later>();
    // The pointer is made of all of `later`: one to its first field could not
    // be used for what comes after it.
    let stamped = (&raw const later).cast::<sgz_options>();
    let (out, err_out) = (&raw mut writer, &raw mut err);
    // SAFETY: sgz_writer_open/Ownership: options are copied, all of the `size`
    // bytes that `later` has. sgz_writer_open_memory/Lifetime: gz stays
    // untouched until the writer is freed, in the next step.
    unsafe {
        let rc = sgz_writer_open_memory(&mut gz, stamped, out, err_out);
        rec.status("used", rc.0);
        record_error(rec, "used", &err);
        later.novelty = 0;
        let stamped = (&raw const later).cast::<sgz_options>();
        let rc = sgz_writer_open_memory(&mut gz, stamped, out, err_out);
        rec.status("unused", rc.0);
    }

    rec.step("a lying subfield");
    // SAFETY: std mem::zeroed: integers, and pointers that may be NULL.
    let mut fields: sgz_header = unsafe { mem::zeroed() };
    fields.extra = EXTRA.as_ptr();
    fields.extra_len = EXTRA.len() - 5; // in the middle of "AP"
    // SAFETY: sgz_writer_set_header/Errors: the subfields do not fill it, so
    // err is written. sgz_writer_free/Lifetime: it is the last use.
    unsafe {
        rec.status("set", sgz_writer_set_header(writer, &fields, &mut err).0);
        record_error(rec, "set", &err);
        sgz_writer_free(writer);
    }

    rec.step("write");
    let (data, len) = (input.data().as_ptr().cast(), input.data().len());
    fields.extra_len = EXTRA.len();
    fields.prefix.mtime = 1_234_567_890;
    // SAFETY: sgz_writer_set_header/Ownership: EXTRA is copied.
    // sgz_writer_open_memory/Lifetime: gz stays untouched until the free.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    unsafe {
        let _ =
            sgz_writer_open_memory(&mut gz, &options, &mut writer, null_mut());
        let rc = sgz_writer_set_header(writer, &fields, null_mut());
        rec.status("set", rc.0);
        let _ = sgz_writer_write(writer, data, len, null_mut());
        rec.status("finish", sgz_writer_finish(writer, null_mut()).0);
        sgz_writer_free(writer);
    }

    rec.step("packed");
    let mut reader = null_mut();
    // SAFETY: sgz_reader_open_memory/Lifetime: gz is released last.
    // sgz_reader_get_header/Lifetime: the reader is not used before it is
    // closed, after the last use of the header. /Errors: not NULL.
    let header = unsafe {
        let (gz, len) = (gz.data.cast(), gz.len);
        let _ =
            sgz_reader_open_memory(gz, len, null(), &mut reader, null_mut());
        &*sgz_reader_get_header(reader)
    };
    // A copy: `&header.prefix.mtime` is an error, E0793: its address
    // may be one that no `&u32` may have.
    rec.int("mtime", header.prefix.mtime);
    rec.int("os", header.prefix.os);

    rec.step("inline functions");
    // No library has it: this is the binding's own Rust.
    // SAFETY: sgz_subfield_next/Lifetime: the header's, see above. /Errors:
    // the extra field holds two, so the first is not NULL.
    let len = unsafe { sgz_subfield_len(sgz_subfield_next(header, null())) };
    rec.int("bytes in the first", len);

    rec.step("flexible array");
    // SAFETY: sgz_subfield_next/Lifetime: the header's, see above. /Errors:
    // not NULL, so it is whole, its data included. std slice::from_raw_parts:
    // made from the pointer; a reference to the struct is to 4 bytes alone.
    unsafe {
        let mut sub = sgz_subfield_next(header, null());
        while !sub.is_null() {
            let data = (&raw const (*sub).data).cast::<u8>();
            let len = sgz_subfield_len(sub);
            rec.text_bytes("id", &[(*sub).si1, (*sub).si2]);
            rec.bytes("data", slice::from_raw_parts(data, len));
            sub = sgz_subfield_next(header, sub);
        }
        sgz_reader_close(reader);
        sgz_buffer_release(&mut gz);
    }
}
