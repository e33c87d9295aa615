// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[repr(C)]
pub struct Outcome {
    puts: u64,
    watched: u64,
    refused: u32,
    len: u32,
    text: [u8; 512],
}

impl Outcome {
    fn say(&mut self, text: &str) {
        let len = text.len().min(self.text.len());
        self.text[..len].copy_from_slice(&text.as_bytes()[..len]);
        self.len = u32::try_from(len).unwrap_or(0);
    }

    fn clear(&mut self) {
        (self.puts, self.watched, self.refused) = (0, 0, 0);
        self.say("");
    }
}

/// Puts each line, by its first letters, where the line before is kept too.
fn put_lines(store: &mut Store, data: &str, out: &mut Outcome) {
    for line in data.split_inclusive('\n') {
        let key = line.trim_end().get(..2).unwrap_or("");
        let before = store.get(key).unwrap_or("").to_owned();
        let text = format!("{before}{}", line.trim_end());
        out.refused += u32::from(store.put(key, &text).is_err());
    }
}

/// # Safety
/// `data` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn keep(data: *const u8, len: usize, out: &mut Outcome) {
    // SAFETY: task.md: promised.
    let data = unsafe { std::slice::from_raw_parts(data, len) };
    let data = String::from_utf8_lossy(data);
    let mut watched = 0;
    let mut all = String::new();
    out.clear();
    let Some(mut store) = Store::open() else {
        return;
    };
    store.watch(|key, text| watched += (key.len() + text.len()) as u64);
    put_lines(&mut store, &data, out);
    if let Some(mut cursor) = store.cursor() {
        while let Some(key) = cursor.next() {
            all += key;
            all += "=";
            all += store.get(key).unwrap_or("nothing");
            all += " ";
        }
        assert!(cursor.next().is_none());
    }
    out.puts = store.close();
    out.watched = watched;
    out.say(&all);
}

#[unsafe(no_mangle)]
extern "C" fn refuse(out: &mut Outcome) {
    out.clear();
    let Some(mut store) = Store::open() else {
        return;
    };
    let mut all = String::new();
    for (key, text) in [
        ("", "a"),
        ("a key with 24 characters", "b"),
        ("nul\0", "c"),
        ("d", "nul\0"),
        ("e", "right"),
    ] {
        match store.put(key, text) {
            Ok(()) => all += "good; ",
            Err(error) => {
                out.refused += 1;
                all += &error;
                all += "; ";
            }
        }
    }
    all += &format!("{:?} {:?}", store.get("nul\0"), store.get("e"));
    out.say(&all);
    out.puts = store.close();
}

#[unsafe(no_mangle)]
extern "C" fn replace(out: &mut Outcome) {
    out.clear();
    let sum = Arc::new(AtomicU64::new(0));
    let Some(mut store) = Store::open() else {
        return;
    };
    for i in [1, 10, 100] {
        let to = sum.clone();
        store.watch(move |_, text| {
            to.fetch_add(i * text.len() as u64, Ordering::Relaxed);
        });
        let _ = store.put("key", "text");
    }
    drop(store);
    out.watched = sum.load(Ordering::Relaxed);
}

#[unsafe(no_mangle)]
extern "C" fn move_to_thread(out: &mut Outcome) {
    out.clear();
    let sum = AtomicU64::new(0);
    let Some(mut store) = Store::open() else {
        return;
    };
    store.watch(|key, _| {
        sum.fetch_add(key.len() as u64, Ordering::Relaxed);
    });
    let _ = store.put("here", "1");
    out.puts = std::thread::scope(|scope| {
        let there = scope.spawn(move || {
            let _ = store.put("there", "2");
            store.close()
        });
        there.join().unwrap_or(0)
    });
    out.watched = sum.load(Ordering::Relaxed);
}
