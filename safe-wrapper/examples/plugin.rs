// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compress a file by a codec that is loaded while the program runs.
//!
//! `cargo run -p sgz --example plugin -- CODEC FILE`
//!
//! CODEC is a shared object, in C or in Rust. The program cannot tell which.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::{env, fs};

use sgz::{Buffer, Codec, Options};

/// What the codec made of `data`.
fn compress(codec: &Codec, data: &[u8]) -> io::Result<Buffer> {
    let mut packed = Buffer::new();
    let mut writer = Options::new().codec(codec).create_buffer(&mut packed)?;
    writer.write_all(data)?;
    writer.finish()?;
    Ok(packed)
}

fn run(codec: &str, file: &str) -> io::Result<()> {
    let data = fs::read(file)?;
    let codec = Codec::load(codec)?;
    println!("{} {}", codec.name(), codec.version());
    let packed = compress(&codec, &data)?;
    println!("{} bytes became {}", data.len(), packed.len());
    let mut again = Vec::new();
    let mut reader = Options::new().codec(&codec).open_slice(&packed)?;
    // the reader keeps the plugin loaded, so this closes nothing
    drop(codec);
    reader.read_to_end(&mut again)?;
    println!("and again the same: {}", again == data);
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [codec, file] = &args[..] else {
        eprintln!("usage: plugin CODEC FILE");
        return ExitCode::FAILURE;
    };
    match run(codec, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
