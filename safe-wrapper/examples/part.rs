// SPDX-License-Identifier: MIT OR Apache-2.0
//! Print a part of a gzip file, found by its index.
//!
//! `cargo run -p sgz --example part -- FILE OFFSET LENGTH`
//!
//! `FILE.gzi` is used if it is there, and made if the file can have one.

use std::io::{self, Read};
use std::process::ExitCode;
use std::{env, fs};

use sgz::{Format, Index, Reader, Result};

/// Loads the index of `file`, or builds and saves it.
fn index_of(file: &str, reader: &mut Reader<'_>) -> Result<Index> {
    let path = format!("{file}.gzi");
    if fs::exists(&path)? {
        return Index::load(&path);
    }
    let index = reader.build_index(false)?;
    index.save(&path)?;
    Ok(index)
}

fn print_part(file: &str, offset: u64, len: u64) -> io::Result<()> {
    let mut reader = Reader::open(file)?;
    if reader.format() == Format::Bgzf {
        let index = index_of(file, &mut reader)?;
        reader.set_index(Some(&index))?;
    }
    reader.seek_to(offset)?;
    io::copy(&mut reader.take(len), &mut io::stdout().lock())?;
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [file, offset, len] = &args[..] else {
        eprintln!("usage: part FILE OFFSET LENGTH");
        return ExitCode::FAILURE;
    };
    let (Ok(offset), Ok(len)) = (offset.parse(), len.parse()) else {
        eprintln!("{offset} and {len} are to be numbers of bytes");
        return ExitCode::FAILURE;
    };
    match print_part(file, offset, len) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
