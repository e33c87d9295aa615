// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rows of noodles-bgzf: MODE FILE THREADS LEVEL, as `bench/throughput.c`.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::num::NonZero;
use std::time::Instant;

use noodles_bgzf::io::writer::CompressionLevel;
use noodles_bgzf::io::{
    MultithreadedReader, Reader, multithreaded_writer, writer,
};

/// Counts what is written, and forgets it.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0 += data.len() as u64;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn decode(mut reader: impl Read) -> io::Result<u64> {
    let mut data = vec![0; 1 << 20];
    let mut sum = 0;
    loop {
        match reader.read(&mut data)? {
            0 => return Ok(sum),
            n => sum += n as u64,
        }
    }
}

fn lines(mut reader: impl BufRead) -> io::Result<u64> {
    let mut line = Vec::new();
    let mut sum = 0;
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line)? {
            0 => return Ok(sum),
            n => sum += n as u64,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, mode, path, threads, level] = &args[..] else {
        return Err("MODE FILE THREADS LEVEL".into());
    };
    // Its workers are besides the thread that reads, which does not unpack.
    let threads: NonZero<usize> = threads.parse()?;
    let alone = threads.get() == 1;
    let level = CompressionLevel::new(level.parse()?).ok_or("LEVEL")?;
    let data = std::fs::read(path)?; // has it in the system's cache, too
    let start = Instant::now();
    let did = match (mode.as_str(), alone) {
        ("decode", true) => decode(Reader::new(File::open(path)?))?,
        ("decode", false) => decode(MultithreadedReader::with_worker_count(
            threads,
            File::open(path)?,
        ))?,
        ("lines", true) => lines(Reader::new(File::open(path)?))?,
        ("lines", false) => lines(MultithreadedReader::with_worker_count(
            threads,
            File::open(path)?,
        ))?,
        ("encode", true) => {
            let mut writer = writer::Builder::default()
                .set_compression_level(level)
                .build_from_writer(Count(0));
            writer.write_all(&data)?;
            writer.finish()?.0
        }
        ("encode", false) => {
            let mut writer = multithreaded_writer::Builder::default()
                .set_compression_level(level)
                .set_worker_count(threads)
                .build_from_writer(Count(0));
            writer.write_all(&data)?;
            writer.finish()?.0
        }
        _ => return Err("no such MODE".into()),
    };
    println!("{:.9} {did}", start.elapsed().as_secs_f64());
    Ok(())
}
