// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an application with plugins does, for grade.c to call.

use answer::{LoadError, Plugin, plugin};
use std::slice;

#[repr(C)]
pub struct Loaded {
    refused: u32,
    detail: u32,
    function: [u8; 16],
    name: [u8; 16],
    description: [u8; 40],
}

/// Writes so much of a text as there is room for, and a NUL.
fn put(out: &mut [u8], text: &[u8]) {
    let len = text.len().min(out.len() - 1);
    out[..len].copy_from_slice(&text[..len]);
    out[len] = 0;
}

fn refuse(error: &LoadError, out: &mut Loaded) {
    (out.refused, out.detail) = match *error {
        LoadError::Nothing => (1, 0),
        LoadError::Abi(abi) => (2, abi),
        LoadError::TooSmall(size) => (3, size),
        LoadError::Missing(name) => {
            put(&mut out.function, name.as_bytes());
            (4, 0)
        }
        LoadError::Start => (5, 0),
    };
}

fn describe(plugin: &mut Plugin, out: &mut Loaded) {
    put(&mut out.name, plugin.name().to_bytes());
    let text = plugin
        .describe()
        .map_or(&b"(none)"[..], |text| text.to_bytes());
    put(&mut out.description, text);
}

/// # Safety
/// `table` is one after plugin.h, or not quite; `data` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn load(
    table: *const plugin,
    data: *mut u8,
    len: usize,
    out: &mut Loaded,
) {
    // SAFETY: task.md: promised.
    let data = unsafe { slice::from_raw_parts_mut(data, len) };
    // SAFETY: task.md: promised.
    match unsafe { Plugin::load(table) } {
        Err(error) => refuse(&error, out),
        Ok(mut plugin) => {
            plugin.run(data);
            plugin.run(&mut []);
            plugin.run(&mut data[..4]);
            describe(&mut plugin, out);
        }
    }
}

/// # Safety
/// As above.
#[unsafe(no_mangle)]
unsafe extern "C" fn load_twice(
    table: *const plugin,
    data: *mut u8,
    len: usize,
    first_out: &mut Loaded,
    second_out: &mut Loaded,
) {
    // SAFETY: task.md: promised.
    let data = unsafe { slice::from_raw_parts_mut(data, len) };
    // SAFETY: task.md: promised.
    let both = unsafe { (Plugin::load(table), Plugin::load(table)) };
    let (Ok(mut first), Ok(mut second)) = both else {
        return;
    };
    first.run(data);
    describe(&mut first, first_out);
    describe(&mut second, second_out);
    drop(second);
    first.run(data);
}
