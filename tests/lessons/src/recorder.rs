// SPDX-License-Identifier: MIT OR Apache-2.0
//! A recorder of its own: the driver's, in little.

use std::ffi::{c_char, c_void};
use std::fmt::Write;

use ferrule_lane::abi::{ferrule_recorder, ferrule_recorder_ops};

use crate::memory::Usage;

/// One fact, as a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `None`: the step was prevented
    pub label: Option<String>,
    pub line: String,
}

/// What one step recorded, and what the library allocated.
#[derive(Debug)]
pub struct Step {
    pub name: String,
    pub facts: Vec<Fact>,
    pub memory: Usage,
}

/// What one cell recorded.
#[derive(Debug, Default)]
pub struct Transcript {
    pub steps: Vec<Step>,
    /// blocks of the library that are left
    pub live: i64,
    /// as the last step began
    pub before: Usage,
}

/// The struct that C sees, and behind it what it does not.
#[repr(C)]
pub struct Host {
    base: ferrule_recorder,
    transcript: Transcript,
}

static OPS: ferrule_recorder_ops = ferrule_recorder_ops {
    size: size_of::<ferrule_recorder_ops>(),
    step: Some(step),
    integer: Some(integer),
    text: Some(text),
    bytes: Some(bytes),
    status: Some(status),
    error: Some(error),
    note: Some(note),
    prevented: Some(prevented_by),
    // lessons in process have one thread
    task: None,
    unordered: None,
};

impl Host {
    pub fn new() -> Self {
        let before = Usage::now();
        let transcript = Transcript {
            before,
            ..Transcript::default()
        };
        Self {
            base: ferrule_recorder {
                ops: &raw const OPS,
            },
            transcript,
        }
    }

    pub fn finish(mut self, live: i64) -> Transcript {
        self.transcript.end_step();
        self.transcript.live = live;
        self.transcript
    }
}

impl Transcript {
    /// Book what was allocated since the last step began to it.
    fn end_step(&mut self) {
        let now = Usage::now();

        if let Some(step) = self.steps.last_mut() {
            step.memory = now.since(self.before);
        }
        self.before = now;
    }

    fn fact(&mut self, label: Option<String>, line: String) {
        let step = self.steps.last_mut().expect("facts come after a step");
        step.facts.push(Fact { label, line });
    }
}

/// The transcript behind the struct that C has.
unsafe fn transcript<'a>(rec: *mut ferrule_recorder) -> &'a mut Transcript {
    // SAFETY: std pointer::cast: every recorder that a lesson is given is the
    // first field of a Host, which is repr(C), and nobody else holds it.
    unsafe { &mut (*rec.cast::<Host>()).transcript }
}

/// `len` bytes of C's as a slice.
unsafe fn slice<'a>(data: *const c_void, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: std slice::from_raw_parts: lane.h: a pointer and its length.
    unsafe { std::slice::from_raw_parts(data.cast(), len) }
}

unsafe fn string(text: *const c_char, len: usize) -> String {
    // SAFETY: std slice::from_raw_parts: lane.h: a pointer and its length.
    let text = unsafe { slice(text.cast(), len) };

    text.escape_ascii().to_string()
}

unsafe extern "C" fn step(
    rec: *mut ferrule_recorder,
    name: *const c_char,
    len: usize,
) {
    // SAFETY: lane.h: rec is ours, and name has len bytes.
    let (rec, name) = unsafe { (transcript(rec), string(name, len)) };

    rec.end_step();
    rec.steps.push(Step {
        name,
        facts: vec![],
        memory: Usage::default(),
    });
}

unsafe extern "C" fn integer(
    rec: *mut ferrule_recorder,
    label: *const c_char,
    len: usize,
    value: i64,
) {
    // SAFETY: lane.h: rec is ours, and label has len bytes.
    let (rec, label) = unsafe { (transcript(rec), string(label, len)) };

    let line = format!("integer {label} = {value}");
    rec.fact(Some(label), line);
}

unsafe extern "C" fn text(
    rec: *mut ferrule_recorder,
    label: *const c_char,
    label_len: usize,
    text: *const c_char,
    len: usize,
) {
    // SAFETY: lane.h: rec is ours; the texts have as many bytes as they say.
    let (rec, label, text) = unsafe {
        (transcript(rec), string(label, label_len), string(text, len))
    };

    let line = format!("text {label} = \"{text}\"");
    rec.fact(Some(label), line);
}

unsafe extern "C" fn bytes(
    rec: *mut ferrule_recorder,
    label: *const c_char,
    label_len: usize,
    data: *const c_void,
    len: usize,
) {
    // SAFETY: lane.h: rec is ours; label and data are as long as they say.
    let (rec, label, data) = unsafe {
        (transcript(rec), string(label, label_len), slice(data, len))
    };

    let line = bytes_fact(&label, data);
    rec.fact(Some(label), line);
}

/// The line that stands for `data`.
pub fn bytes_fact(label: &str, data: &[u8]) -> String {
    let crc = crc32(data);
    let mut fact = format!("bytes {label} = {}, crc {crc:08x}:", data.len());

    for byte in data.iter().take(16) {
        let _ = write!(fact, " {byte:02x}");
    }
    fact
}

/// Not the library's, which is what is tested.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

unsafe extern "C" fn status(
    rec: *mut ferrule_recorder,
    label: *const c_char,
    len: usize,
    status: i32,
) {
    // SAFETY: lane.h: rec is ours, and label has len bytes.
    let (rec, label) = unsafe { (transcript(rec), string(label, len)) };

    let line = format!("status {label} = {status}");
    rec.fact(Some(label), line);
}

unsafe extern "C" fn error(
    rec: *mut ferrule_recorder,
    label: *const c_char,
    label_len: usize,
    status: i32,
    sys_errno: i32,
    offset: i64,
    text: *const c_char,
    len: usize,
) {
    // SAFETY: lane.h: rec is ours; the texts have as many bytes as they say.
    let (rec, label, text) = unsafe {
        (transcript(rec), string(label, label_len), string(text, len))
    };

    let line = format!(
        "error {label} = {status}, errno {sys_errno}, at {offset}: \"{text}\""
    );
    rec.fact(Some(label), line);
}

/// Lanes may differ in their notes.
unsafe extern "C" fn note(
    _: *mut ferrule_recorder,
    _: *const c_char,
    _: usize,
) {
}

unsafe extern "C" fn prevented_by(
    rec: *mut ferrule_recorder,
    by: *const c_char,
    len: usize,
) {
    // SAFETY: lane.h: rec is ours, and by has len bytes.
    let (rec, by) = unsafe { (transcript(rec), string(by, len)) };

    rec.fact(None, format!("prevented by {by}"));
}
