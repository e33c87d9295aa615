// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 20, linking: which function a name stands for.

use core::ffi::{CStr, c_uint, c_ulong};
use std::hint::black_box;
use std::mem;
use std::ptr::{null, null_mut};

use super::prelude::*;
use super::sys::*;

type Crc =
    unsafe extern "C" fn(crc: c_ulong, data: *const u8, len: c_uint) -> c_ulong;

#[link(name = "z", kind = "dylib")]
unsafe extern "C" {
    fn crc32(crc: c_ulong, data: *const u8, len: c_uint) -> c_ulong;
}

const DIGITS: &CStr = c"123456789";

/// A checksum of our own, which C may call by a pointer.
unsafe extern "C" fn count(
    crc: c_ulong,
    _data: *const u8,
    len: c_uint,
) -> c_ulong {
    crc + c_ulong::from(len)
}

/// A program writes a file and reads it again; then libsgz reads it.
fn record_program(rec: &mut Recorder, name: &str, path: &CStr) {
    let (mut reader, none) = (null_mut(), null_mut());
    let (mut text, mut got) = ([0_u8; 10], 0);

    rec.int("program", run_program(name));
    rec.int("trailer", trailer(&path.to_string_lossy()));
    // SAFETY: sgz_reader_open/Ownership: path is borrowed.
    // sgz_reader_read/Ownership: text is borrowed for the call.
    // sgz_reader_close/Lifetime: it is not used afterwards.
    unsafe {
        let _ = sgz_reader_open(path.as_ptr(), null(), &mut reader, none);
        let to = text.as_mut_ptr().cast();
        let _ = sgz_reader_read(reader, to, text.len(), &mut got, none);
        // behind the last byte comes the check
        let end = sgz_reader_read(reader, to, text.len(), &mut got, none);
        rec.status("end", end.0);
        sgz_reader_close(reader);
    }
}

pub fn run(rec: &mut Recorder, _: &Input) {
    rec.step("linked");
    // SAFETY: sgz_version_number/Lifetime: the text is a constant.
    // sgz_crc32/Ownership: it is borrowed, and has 9 bytes.
    unsafe {
        let text = (&raw const sgz_version_text).cast();
        record_text(rec, "version", text);
        rec.int("crc", sgz_crc32(0, DIGITS.as_ptr().cast(), 9));
    }

    rec.step("what is compiled");
    // SAFETY: sgz_codec_get_built_in/Lifetime: the text is a constant.
    unsafe {
        let default = sgz_codec_get_built_in(0);
        record_text(rec, "default codec", default);
        record_text(rec, "libdeflate", version_of_libdeflate(default));
    }

    rec.step("loaded");
    let digits = DIGITS.as_ptr().cast();
    // SAFETY: libc dlopen: zlib is loaded already. libc dlsym: the symbol is
    // a function of this type. zlib crc32: digits has 9 bytes.
    let zlib = unsafe {
        let flags = libc::RTLD_NOW | libc::RTLD_LOCAL;
        let zlib = libc::dlopen(c"libz.so.1".as_ptr(), flags);
        let symbol = libc::dlsym(zlib, c"crc32".as_ptr());
        let loaded: Option<Crc> = mem::transmute(symbol);
        rec.int("linked", crc32(0, digits, 9));
        rec.int("loaded", loaded.expect("a symbol")(0, digits, 9));
        rec.int("our own", black_box(count as Crc)(0, digits, 9));
        zlib
    };

    rec.step("visible");
    let found = |name: &CStr, version: Option<&CStr>| {
        // SAFETY: libc dlvsym: zlib is loaded, and the names end with a NUL.
        let symbol = unsafe {
            match version {
                None => libc::dlsym(zlib, name.as_ptr()),
                Some(v) => libc::dlvsym(zlib, name.as_ptr(), v.as_ptr()),
            }
        };
        !symbol.is_null()
    };
    rec.int("public", found(c"inflate", None));
    rec.int("internal", found(c"inflate_fast", None));
    rec.int("1.2.9", found(c"crc32_z", Some(c"ZLIB_1.2.9")));
    rec.int("9.9", found(c"crc32_z", Some(c"ZLIB_9.9")));
    // SAFETY: libc dlclose: nothing that it found is used any more.
    unsafe { libc::dlclose(zlib) };

    rec.step("a name that nobody has");
    lay_plugin("unfinished.so");
    let (path, mut codec) = (c"./unfinished.so".as_ptr(), null_mut());
    // SAFETY: sgz_codec_load/Ownership: path is borrowed.
    let load = unsafe { sgz_codec_load(path, null(), &mut codec, null_mut()) };
    rec.status("load", load.0);

    rec.step("a name that two have");
    record_program(rec, "exported", c"exported.gz");

    rec.step("kept inside");
    record_program(rec, "hidden", c"hidden.gz");

    rec.step("another name");
    record_program(rec, "renamed", c"renamed.gz");

    rec.step("its own first");
    record_program(rec, "deepbind", c"deepbind.gz");

    rec.step("a name that Rust has too");
    record_program(rec, "exported_rs", c"exported_rs.gz");

    rec.step("a name of Rust's");
    record_program(rec, "mangled_rs", c"mangled_rs.gz");
}
