// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 16, plugins: code that comes while the program runs, and goes.

use core::ffi::CStr;
use std::mem;
use std::ptr::{null, null_mut};
use std::thread;

use super::prelude::*;
use super::sys::*;

fn load(path: &CStr) -> *mut sgz_codec {
    let mut codec = null_mut();
    // SAFETY: sgz_codec_load/Ownership: path is borrowed.
    let _ = unsafe {
        sgz_codec_load(path.as_ptr(), null(), &mut codec, null_mut())
    };
    codec
}

/// # Safety
///
/// `codec` is alive.
unsafe fn write_with(
    codec: *mut sgz_codec,
    path: &CStr,
    data: &[u8],
) -> sgz_status {
    let mut options = options_init();
    options.codec = codec;
    let (mut writer, none) = (null_mut(), null_mut());
    let (text, len) = (data.as_ptr().cast(), data.len());
    // SAFETY: sgz_writer_open/Lifetime: write_with/Safety: codec is alive.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    unsafe {
        let _ = sgz_writer_open(path.as_ptr(), &options, &mut writer, none);
        let _ = sgz_writer_write(writer, text, len, none);
        let status = sgz_writer_finish(writer, none);
        sgz_writer_free(writer);
        status
    }
}

/// # Safety
///
/// `codec` is alive. The reader is the caller's to close.
unsafe fn read_with(
    codec: *mut sgz_codec,
    rec: &mut Recorder,
) -> *mut sgz_reader {
    let mut options = options_init();
    options.codec = codec;
    let (mut reader, none) = (null_mut(), null_mut());
    let (mut part, mut got) = ([0_u8; 100], 0);
    let (path, to) = (c"own.gz".as_ptr(), part.as_mut_ptr().cast());
    // SAFETY: sgz_reader_open/Lifetime: read_with/Safety: codec is alive.
    // sgz_reader_read/Ownership: part is borrowed for the call.
    let read = unsafe {
        let _ = sgz_reader_open(path, &options, &mut reader, none);
        sgz_reader_read(reader, to, part.len(), &mut got, none)
    };
    rec.status("read", read.0);
    rec.bytes("bytes", &part[..got]);
    reader
}

/// A reference that may be given to a thread.
struct Reference(*mut sgz_codec);

// SAFETY: sgz_codec_unref/Threads: any thread may use and drop it.
unsafe impl Send for Reference {}

/// A thread uses the plugin, and drops the last reference, or leaves that to
/// the caller. Whether the plugin was there at its end.
fn use_on_a_thread(keeps: bool) -> bool {
    let codec = Reference(load(c"./plugin_rs.so"));
    let user = thread::spawn(move || {
        let codec = codec; // all of it, not its pointer
        // SAFETY: write_with/Safety: alive. sgz_codec_unref/Ownership: it is
        // the only reference, and nobody uses it afterwards.
        unsafe {
            let _ = write_with(codec.0, c"rust.gz", b"text");
            if !keeps {
                sgz_codec_unref(codec.0);
            }
        }
        (codec, is_mapped("plugin_rs.so"))
    });
    let (codec, mapped) = user.join().expect("no panic");
    if keeps {
        // SAFETY: sgz_codec_unref/Ownership: as above.
        unsafe { sgz_codec_unref(codec.0) };
    }
    mapped
}

pub fn run(rec: &mut Recorder, input: &Input) {
    rec.step("a plugin");
    lay_plugins();
    let (mut codec, mut error) = (null_mut(), error_init());
    let path = c"./plugin_c.so";
    // SAFETY: sgz_codec_load/Ownership: path is borrowed. The texts belong to
    // the codec, which is alive: sgz_codec_get_name, sgz_codec_get_version.
    unsafe {
        let load =
            sgz_codec_load(path.as_ptr(), null(), &mut codec, null_mut());
        rec.status("load", load.0);
        record_text(rec, "name", sgz_codec_get_name(codec));
        record_text(rec, "version", sgz_codec_get_version(codec));
    }
    rec.text("log", &plugins_log());

    rec.step("used");
    // SAFETY: write_with/Safety, read_with/Safety: codec is alive.
    let reader = unsafe {
        let write = write_with(codec, c"own.gz", input.data());
        rec.status("write", write.0);
        read_with(codec, rec)
    };

    rec.step("the last user");
    // SAFETY: sgz_codec_unref/Lifetime: the reader has a reference of its own.
    unsafe { sgz_codec_unref(codec) };
    rec.int("while it is read", is_mapped("plugin_c.so"));
    // SAFETY: sgz_reader_close/Lifetime: it is not used afterwards.
    unsafe { sgz_reader_close(reader) };
    rec.int("afterwards", is_mapped("plugin_c.so"));
    rec.text("log", &plugins_log());

    rec.step("loaded twice");
    let (codec, again) = (load(path), load(path));
    // SAFETY: sgz_codec_unref/Ownership: each is a reference of its own.
    unsafe { sgz_codec_unref(codec) };
    rec.int("one is left", is_mapped("plugin_c.so"));
    // SAFETY: sgz_codec_unref/Ownership: as above.
    unsafe { sgz_codec_unref(again) };
    rec.int("none", is_mapped("plugin_c.so"));
    rec.text("log", &plugins_log()); // its static began at 0 again

    rec.step("another ABI");
    let (path, mut codec) = (c"./plugin_abi.so".as_ptr(), null_mut());
    // SAFETY: sgz_codec_load/Ownership: path is borrowed.
    let _ = unsafe { sgz_codec_load(path, null(), &mut codec, &mut error) };
    record_error(rec, "refused", &error);
    rec.int("mapped", is_mapped("plugin_abi.so"));
    rec.text("log", &plugins_log()); // code of it has run

    rec.step("by hand");
    // SAFETY: libc dlopen: code of the plugin runs, which is our own.
    // sgz_codec_plugin_fn: the symbol is a function of that type.
    // sgz_codec_new/Lifetime: its functions are valid until dlclose().
    unsafe {
        let flags = libc::RTLD_NOW | libc::RTLD_LOCAL;
        let library = libc::dlopen(c"./plugin_c.so".as_ptr(), flags);
        let symbol = libc::dlsym(library, c"sgz_codec_plugin".as_ptr());
        let plugin: sgz_codec_plugin_fn = mem::transmute(symbol);
        let functions = plugin.expect("a symbol")(SGZ_CODEC_ABI);
        let _ = sgz_codec_new(functions, null(), &mut codec, null_mut());
        let reader = read_with(codec, rec);
        sgz_codec_unref(codec);
        sgz_reader_close(reader);
        libc::dlclose(library); // nothing of it is used any more
    }
    rec.text("log", &plugins_log());

    rec.step("a plugin in Rust");
    let codec = load(c"./plugin_rs.so");
    // SAFETY: sgz_codec_get_name/Ownership: the text belongs to the codec.
    // sgz_codec_unref/Ownership: the only reference.
    unsafe {
        record_text(rec, "name", sgz_codec_get_name(codec));
        sgz_codec_unref(codec);
    }
    rec.int("afterwards", is_mapped("plugin_rs.so"));

    rec.step("a thread's own data");
    rec.int("while the thread lives", use_on_a_thread(false));
    rec.int("when it has ended", is_mapped("plugin_rs.so"));
    // SAFETY: sgz_codec_unref/Ownership: the only reference.
    unsafe { sgz_codec_unref(load(c"./plugin_rs.so")) };
    rec.int("unloaded once more", is_mapped("plugin_rs.so"));
    use_on_a_thread(true);
    rec.int("unloaded after the thread", is_mapped("plugin_rs.so"));
}
