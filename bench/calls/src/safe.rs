// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rows over the safe wrapper: no `unsafe` is needed.

use sgz::{Codec, Options, Reader, Status, Writer};

use crate::border::{self, Span};
use crate::{BYTES, Input, opaque, opaque_c_str, opaque_str};

pub struct State {
    reader: Reader<'static>,
    failed: Reader<'static>,
    writer: Writer<'static>,
}

pub fn empty(_state: &mut State, n: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..n {
        sum += opaque(u64::from(sgz::version_number()));
    }
    sum
}

#[expect(clippy::cast_possible_truncation, reason = "it was a u32")]
pub fn by_value(_state: &mut State, n: u64) -> u64 {
    let mut span = Span {
        start: 0,
        end: u32::MAX,
    };
    for _ in 0..n {
        span = span.shift(1);
        span.start = opaque(u64::from(span.start)) as u32;
    }
    u64::from(span.start.wrapping_sub(span.end))
}

pub fn string_in(_state: &mut State, n: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..n {
        sum += opaque(border::sum(opaque_c_str(c"a name")));
    }
    sum
}

pub fn str_in(_state: &mut State, n: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..n {
        let Ok(codec) = Codec::load(opaque_str("zlib")) else {
            break;
        };
        drop(codec);
        sum += 1;
    }
    sum
}

pub fn string_out(_state: &mut State, n: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..n {
        // A status whose number only the running program knows.
        let status = [Status::Crc, Status::Data][usize::from(opaque(0) != 0)];
        if let Some([first, ..]) = status.name().map(str::as_bytes) {
            sum += u64::from(*first);
        }
    }
    sum
}

pub fn read_bytes(state: &mut State, n: u64) -> u64 {
    let mut bytes = [0; BYTES];
    let mut sum = 0;
    for _ in 0..n {
        match state.reader.read_bytes(&mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(_) => sum += u64::from(bytes[0]),
        }
    }
    sum
}

/// What a callback and an export do: they add, and refuse one value.
fn step(sum: u64, value: u64) -> u64 {
    assert!(value != u64::MAX);
    sum.wrapping_add(value)
}

pub fn callback(_state: &mut State, n: u64) -> u64 {
    let mut answers = 0;
    let mut sum = 0_u64;
    for i in 0..n {
        let answer = |value| {
            sum = step(sum, value);
            value
        };
        answers += opaque(border::ask(answer, opaque(i)));
    }
    sum + answers
}

pub fn error_path(state: &mut State, n: u64) -> u64 {
    let mut bytes = [0; BYTES];
    let mut sum = 0;
    for _ in 0..n {
        if let Err(error) = state.failed.read_bytes(&mut bytes) {
            if let [first, ..] = error.message() {
                sum += u64::from(*first);
            }
        }
    }
    sum
}

pub fn owned(state: &mut State, n: u64) -> u64 {
    let mut sum = 0;
    for i in 0..n {
        let mut bytes = vec![0; BYTES];
        bytes[0] = i.to_le_bytes()[0];
        if state.writer.write_owned(bytes).is_err() {
            break;
        }
        sum += 1;
    }
    sum
}

pub fn export(value: u64) -> u64 {
    border::guard(|| step(1, value))
}

impl State {
    pub fn open(input: &Input) -> Option<Self> {
        Some(Self {
            reader: Reader::new(input.file()).ok()?,
            failed: Reader::new(input.damaged()).ok()?,
            writer: Options::new().create_sink(std::io::sink()).ok()?,
        })
    }

    pub fn reset(&mut self) {
        let moved = self.reader.seek_to(0);
        let ready = self.reader.peek().is_ok();
        let flushed = self.writer.flush_block();
        assert!(moved.is_ok() && ready && flushed.is_ok());
    }
}

crate::lane!("calls_safe", "export_safe", border_use_safe);
