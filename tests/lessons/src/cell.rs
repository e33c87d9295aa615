// SPDX-License-Identifier: MIT OR Apache-2.0
//! One lesson in one lane on one input, in an empty directory.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use ferrule_lane::abi::ferrule_input;

use crate::hosted::Hosted;
use crate::lanes::Lesson;
use crate::memory;

/// As the driver: a lesson's sample is at most so long.
const SAMPLE: usize = 1 << 20;

/// An input, as a file too.
pub struct Input {
    name: &'static str,
    data: Vec<u8>,
    path: PathBuf,
}

impl Input {
    fn new(name: &'static str, data: Vec<u8>) -> Self {
        let path = scratch().join(name);

        fs::write(&path, &data).expect("the scratch directory is writable");
        Self { name, data, path }
    }

    pub const fn name(&self) -> &str {
        self.name
    }

    /// What a lesson is given of it.
    pub fn sample(&self) -> &[u8] {
        &self.data[..self.data.len().min(SAMPLE)]
    }
}

/// Nothing, a little, text, noise, and more than a block of each.
pub fn inputs() -> [Input; 5] {
    let text: Vec<u8> = (0..2_000)
        .flat_map(|line| format!("line {line} of a text\n").into_bytes())
        .collect();
    let mut mixed = noise(300_000);
    mixed.extend(text.iter().cycle().take(SAMPLE + 4096 - mixed.len()));

    [
        Input::new("empty", vec![]),
        Input::new("one", vec![b'a']),
        Input::new("lines.txt", text),
        Input::new("noise.bin", noise(70_001)),
        Input::new("mixed.bin", mixed),
    ]
}

/// `len` bytes that do not compress, the same each time.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;

    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(len)
    .collect()
}

/// This process's own directory.
fn scratch() -> PathBuf {
    let path = env::temp_dir().join(format!("ferrule-{}", process::id()));

    fs::create_dir_all(&path).expect("the temporary directory is writable");
    path
}

/// Remove what [`inputs`] made.
pub fn clean() {
    fs::remove_dir_all(scratch()).expect("it is ours");
}

/// Run `lesson` on `input`; with the blocks of the library that are left.
pub fn run(lesson: Lesson, input: &Input) -> (Hosted, i64) {
    let cwd = scratch().join("cwd");
    let path = CString::new(input.path.as_os_str().as_bytes());
    let path = path.expect("a path without a NUL");
    let name = CString::new(input.name).expect("a name without a NUL");
    let raw = ferrule_input {
        data: input.sample().as_ptr(),
        len: input.sample().len(),
        path: path.as_ptr(),
        name: name.as_ptr(),
        size: input.data.len() as u64,
    };

    fresh(&cwd);
    memory::count();
    let before = memory::live();
    let cell = Hosted::run(|recorder| {
        // SAFETY: lane.h: a recorder and an input, valid until it returns.
        unsafe { lesson(recorder, &raw const raw) };
    });
    let left = memory::live() - before;
    env::set_current_dir(env::temp_dir()).expect("it is there");
    fs::remove_dir_all(cwd).expect("it is ours");
    (cell, left)
}

fn fresh(cwd: &Path) {
    fs::create_dir_all(cwd).expect("the scratch directory is writable");
    env::set_current_dir(cwd).expect("it was just made");
}
