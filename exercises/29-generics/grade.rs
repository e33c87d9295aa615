// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::Heap;
use std::fmt::{Debug, Formatter};
use std::slice;

/// A text that owns a block.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Word(Box<[u8]>);

impl Debug for Word {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// Writes so much of a text as there is room for.
///
/// # Safety
/// There is room for `size` bytes.
unsafe fn write(text: &str, out: *mut u8, size: usize) -> usize {
    let len = text.len().min(size);
    // SAFETY: task.md: promised.
    unsafe { out.copy_from(text.as_ptr(), len) };
    len
}

/// All elements but `left` of them.
fn in_order<T: Ord + Debug>(
    elements: impl Iterator<Item = T>,
    left: usize,
) -> String {
    let Some(mut heap) = Heap::new(200) else {
        return "no heap".to_owned();
    };
    let (mut text, mut count) = (String::new(), 0_usize);
    for element in elements {
        count += usize::from(heap.push(element).is_ok());
    }
    while count > left {
        let peeked = format!("{:?}", heap.peek());
        let element = heap.pop();
        if format!("{element:?}") != peeked {
            text += &format!("(not {peeked}, that peek saw) ");
        }
        if let Some(element) = element {
            text += &format!("{element:?} ");
        }
        count -= 1;
    }
    if left == 0 && (heap.peek().is_some() || heap.pop().is_some()) {
        text += "and one more";
    }
    text
}

/// # Safety
/// `data` has `len` bytes, and there is room for `size`.
#[unsafe(no_mangle)]
unsafe extern "C" fn numbers(
    data: *const u8,
    len: usize,
    out: *mut u8,
    size: usize,
) -> usize {
    // SAFETY: task.md: promised.
    let data = unsafe { slice::from_raw_parts(data, len) };
    let text = in_order(data.iter().copied(), 0);
    // SAFETY: task.md: promised.
    unsafe { write(&text, out, size) }
}

/// # Safety
/// As above.
#[unsafe(no_mangle)]
unsafe extern "C" fn texts(
    data: *const u8,
    len: usize,
    out: *mut u8,
    size: usize,
) -> usize {
    // SAFETY: task.md: promised.
    let data = unsafe { slice::from_raw_parts(data, len) };
    let words = data.split(|byte| matches!(byte, b' ' | b'\n' | b'e'));
    let words = words.filter(|word| !word.is_empty());
    let text = in_order(words.map(|word| Word(word.into())), 2);
    // SAFETY: task.md: promised.
    unsafe { write(&text, out, size) }
}

/// # Safety
/// As above.
#[unsafe(no_mangle)]
unsafe extern "C" fn pairs(
    data: *const u8,
    len: usize,
    out: *mut u8,
    size: usize,
) -> usize {
    // SAFETY: task.md: promised.
    let data = unsafe { slice::from_raw_parts(data, len) };
    let pairs = data
        .chunks(3)
        .map(|some| (some[0], some.to_vec(), some.len()));
    let text = in_order(pairs, 0);
    // SAFETY: task.md: promised.
    unsafe { write(&text, out, size) }
}

/// # Safety
/// There is room for `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn full(out: *mut u8, size: usize) -> usize {
    let mut text = String::new();
    if let Some(mut heap) = Heap::new(2) {
        for word in [b"c", b"b", b"a"] {
            text += &format!("{:?} ", heap.push(Word(Box::new(*word))));
        }
        text += &format!("{:?} ", heap.peek());
        text += &format!("{:?}", heap.pop());
    }
    // SAFETY: task.md: promised.
    unsafe { write(&text, out, size) }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
#[repr(align(64))]
struct Aligned(u8);

#[unsafe(no_mangle)]
extern "C" fn aligned_to_64() -> bool {
    Heap::<Aligned>::new(2).is_some()
}

#[unsafe(no_mangle)]
extern "C" fn without_size() -> bool {
    Heap::<()>::new(2).is_some()
}
