// SPDX-License-Identifier: MIT OR Apache-2.0
//! Print the lines of gzip files that contain a text, with file and number.
//!
//! `cargo run -p sgz --example lines -- TEXT FILE...`

use std::env;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use sgz::Reader;

fn print_lines(
    text: &[u8],
    file: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut reader = Reader::open(file)?;
    let mut lines = reader.borrowed_lines(b'\n');
    let mut number = 0_u64;

    // no copy of a line is made: each is borrowed until the next
    while let Some(line) = lines.next() {
        let line = line?;
        number += 1;
        if line.windows(text.len()).any(|part| part == text) {
            write!(out, "{file}:{number}:")?;
            out.write_all(line)?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let Some(text) = args.next().filter(|text| !text.is_empty()) else {
        eprintln!("usage: lines TEXT FILE...");
        return ExitCode::FAILURE;
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut failed = false;
    for file in args {
        if let Err(error) = print_lines(text.as_bytes(), &file, &mut out) {
            eprintln!("{error}"); // it names the file, the place, the reason
            failed = true;
        }
    }
    if failed || out.flush().is_err() {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
