// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decompress standard input, which is gzip, to standard output.
//!
//! `cargo run -p ferrule-zlib --example unpack < FILE.gz`

use std::io::{self, Read, Write};
use std::process::ExitCode;

use ferrule_zlib::{Format, Settings, Status};

fn unpack(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut packed = [0; 1 << 14];
    let mut text = [0; 1 << 14];
    let mut inflate = Settings::new().format(Format::Gzip).inflate()?;
    loop {
        let len = input.read(&mut packed)?;
        if len == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = &packed[..len];
        loop {
            let done = inflate.decompress(rest, &mut text)?;
            output.write_all(&text[..done.written])?;
            rest = &rest[done.read..];
            match done.status {
                Status::End => {
                    inflate.end()?;
                    return output.flush();
                }
                Status::More => {}
                // it needs more input; zlib may have kept output, so there
                // is none only when it says so
                Status::Stuck | Status::NeedDictionary(_) => break,
            }
        }
    }
}

fn main() -> ExitCode {
    match unpack(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("standard input: {error}");
            ExitCode::FAILURE
        }
    }
}
