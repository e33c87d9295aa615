// SPDX-License-Identifier: MIT OR Apache-2.0
//! Read a file to its end, and do next to nothing with it: what is left is
//! the cost of the calls. cost.c does the same work in plain C.
//!
//! `cost-safe read|next-line|read-line FILE`

use std::io::Read;
use std::process::ExitCode;

use sgz::{Buffer, Reader};

const BUFFER_SIZE: usize = 65536;

#[derive(Default)]
struct Work {
    calls: u64,
    bytes: u64,
    /// Of each piece the last byte, so that it has to be looked at.
    sum: u64,
}

impl Work {
    fn look(&mut self, data: &[u8]) {
        self.calls += 1;
        self.bytes += data.len() as u64;
        self.sum += u64::from(data[data.len() - 1]);
    }
}

fn read_buffers(reader: &mut Reader, work: &mut Work) -> std::io::Result<()> {
    let mut buffer = vec![0; BUFFER_SIZE];

    loop {
        let len = reader.read(&mut buffer)?;
        if len == 0 {
            return Ok(());
        }
        work.look(&buffer[..len]);
    }
}

fn next_lines(reader: &mut Reader, work: &mut Work) -> std::io::Result<()> {
    while let Some(line) = reader.next_line(b'\n')? {
        work.look(line);
    }
    Ok(())
}

fn read_lines(reader: &mut Reader, work: &mut Work) -> std::io::Result<()> {
    let mut line = Buffer::new();

    while reader.read_line_into(b'\n', &mut line)? != 0 {
        work.look(&line);
    }
    Ok(())
}

fn run(mode: &str, file: &str) -> std::io::Result<Work> {
    let mut work = Work::default();
    let mut reader = Reader::open(file)?;

    match mode {
        "read" => read_buffers(&mut reader, &mut work)?,
        "next-line" => next_lines(&mut reader, &mut work)?,
        "read-line" => read_lines(&mut reader, &mut work)?,
        _ => return Err(std::io::ErrorKind::InvalidInput.into()),
    }
    Ok(work)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, mode, file] = &args[..] else {
        eprintln!("usage: cost-safe MODE FILE");
        return ExitCode::FAILURE;
    };
    match run(mode, file) {
        Ok(Work { calls, bytes, sum }) => {
            println!("{calls} {bytes} {sum}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{mode}: {error}");
            ExitCode::FAILURE
        }
    }
}
