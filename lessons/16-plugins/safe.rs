// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 16, plugins: code that comes while the program runs, and goes.

use std::io::Read;
use std::thread;

use sgz::{Codec, Options, Reader};

use super::prelude::*;

fn write_with(codec: &Codec, path: &str, data: &[u8]) -> sgz::Result<()> {
    let mut writer = Options::new().codec(codec).create(path)?;
    writer.write_bytes(data)?;
    writer.finish().map(drop)
}

fn read_with(
    codec: &Codec,
    rec: &mut Recorder,
) -> sgz::Result<Reader<'static>> {
    let mut reader = Options::new().codec(codec).open("own.gz")?;
    let mut part = [0; 100];
    let read = reader.read(&mut part).map_err(sgz::Error::from);
    rec.result("read", &read);
    rec.bytes("bytes", &part[..read.unwrap_or(0)]);
    Ok(reader)
}

/// A thread uses the plugin, and drops the last reference, or leaves that to
/// the caller. Whether the plugin was there at its end.
fn use_on_a_thread(keeps: bool) -> sgz::Result<bool> {
    let codec = Codec::load("./plugin_rs.so")?;
    let user = thread::spawn(move || {
        let written = write_with(&codec, "rust.gz", b"text");
        let kept = keeps.then_some(codec);
        written.map(|()| (kept, is_mapped("plugin_rs.so")))
    });
    let (kept, mapped) = user.join().expect("no panic")?;
    drop(kept);
    Ok(mapped)
}

fn plugins(rec: &mut Recorder, input: &Input) -> sgz::Result<()> {
    rec.step("a plugin");
    lay_plugins();
    let codec = Codec::load("./plugin_c.so");
    rec.result("load", &codec);
    let codec = codec?;
    rec.text("name", codec.name());
    rec.text("version", codec.version());
    rec.text("log", &plugins_log());

    rec.step("used");
    rec.result("write", &write_with(&codec, "own.gz", input.data()));
    let reader = read_with(&codec, rec)?;

    rec.step("the last user");
    drop(codec); // and its options are gone already
    rec.int("while it is read", is_mapped("plugin_c.so"));
    drop(reader);
    rec.int("afterwards", is_mapped("plugin_c.so"));
    rec.text("log", &plugins_log());

    rec.step("loaded twice");
    let codec = Codec::load("./plugin_c.so")?;
    let again = Codec::load("./plugin_c.so")?;
    drop(codec);
    rec.int("one is left", is_mapped("plugin_c.so"));
    drop(again);
    rec.int("none", is_mapped("plugin_c.so"));
    rec.text("log", &plugins_log()); // its static began at 0 again

    rec.step("another ABI");
    if let Err(error) = Codec::load("./plugin_abi.so") {
        rec.failure("refused", &error);
    }
    rec.int("mapped", is_mapped("plugin_abi.so"));
    rec.text("log", &plugins_log()); // code of it has run

    rec.step("by hand");
    rec.prevented("E0133, to call C is unsafe");

    rec.step("a plugin in Rust");
    let codec = Codec::load("./plugin_rs.so")?;
    rec.text("name", codec.name());
    drop(codec);
    rec.int("afterwards", is_mapped("plugin_rs.so"));

    rec.step("a thread's own data");
    rec.int("while the thread lives", use_on_a_thread(false)?);
    rec.int("when it has ended", is_mapped("plugin_rs.so"));
    drop(Codec::load("./plugin_rs.so")?);
    rec.int("unloaded once more", is_mapped("plugin_rs.so"));
    use_on_a_thread(true)?;
    rec.int("unloaded after the thread", is_mapped("plugin_rs.so"));
    Ok(())
}

pub fn run(rec: &mut Recorder, input: &Input) {
    plugins(rec, input).expect("the plugins are there");
}
