// SPDX-License-Identifier: MIT OR Apache-2.0
//! A plugin in Rust, as anyone would build one: it knows of no ledger.

use std::mem::ManuallyDrop;

type Block = [u8; 91];

#[unsafe(no_mangle)]
pub extern "C" fn plugin_box() -> *mut Block {
    Box::into_raw(Box::new([1; 91]))
}

/// # Safety
///
/// `block` comes from [`plugin_box`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_drop(block: *mut Block) {
    // SAFETY: none: others call this with what is not a Box of this plugin.
    drop(unsafe { Box::from_raw(block) });
}

#[unsafe(no_mangle)]
pub extern "C" fn plugin_forget() {
    let mut text = ManuallyDrop::new(String::from("forgotten"));

    // grown: through all that Rust asks of an allocator
    text.push_str(&"x".repeat(1000));
    std::hint::black_box(&text);
}
