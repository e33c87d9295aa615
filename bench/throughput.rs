// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rows of the safe lane in the speed table. throughput.c does the same
//! work in C.
//!
//! `throughput-safe MODE FILE THREADS LEVEL [CODEC]`

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::time::Instant;

use sgz::{Codec, Options, Pool, Reader};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const READ_SIZE: usize = 1 << 20;

/// Counts the bytes that are written, and keeps none.
struct Count<'a>(&'a mut u64);

impl Write for Count<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        *self.0 += data.len() as u64;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn decode(mut reader: Reader) -> Result<u64> {
    let mut data = vec![0; READ_SIZE];
    let mut sum = 0;
    loop {
        match reader.read_bytes(&mut data)? {
            0 => return Ok(sum),
            n => sum += n as u64,
        }
    }
}

fn lines(mut reader: Reader) -> Result<u64> {
    let mut sum = 0;
    while let Some(line) = reader.next_line(b'\n')? {
        sum += line.len() as u64;
    }
    Ok(sum)
}

fn encode(data: &[u8], options: &Options) -> Result<u64> {
    let mut sum = 0;
    let mut writer = options.create_sink(Count(&mut sum))?;
    for part in data.chunks(READ_SIZE) {
        writer.write_bytes(part)?;
    }
    writer.finish()?;
    Ok(sum)
}

/// As `read_around()` in throughput.c: the seconds that one read takes.
fn read_around(
    path: &str,
    options: &Options,
    (len, span, count): (usize, u64, u32),
) -> Result<(f64, u64)> {
    let mut reader = options.open(path)?;
    let index = reader.build_index(false)?;
    let span = span.min(reader.size()? - len as u64);
    let reader = reader.into_shared(&index)?;
    let mut data = vec![0; len];
    let (mut seed, mut sum) = (1_u64, 0);
    let start = Instant::now();
    for _ in 0..count {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        sum += reader.read_at(&mut data, (seed >> 20) % span)? as u64;
    }
    Ok((start.elapsed().as_secs_f64() / f64::from(count), sum))
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, mode, path, threads, level, codec @ ..] = &args[..] else {
        return Err("MODE FILE THREADS LEVEL [CODEC]".into());
    };
    let pool = Pool::new(threads.parse()?)?;
    let mut options = Options::new().level(level.parse()?).pool(&pool);
    if let Some(name) = codec.first() {
        options = options.codec(&Codec::load(name)?);
    }
    // this puts the file into the system's cache, too
    let data = fs::read(path)?;
    let start = Instant::now();
    let did = match mode.as_str() {
        "decode" => decode(options.open(path)?)?,
        "lines" => lines(options.open(path)?)?,
        "encode" => encode(&data, &options)?,
        "at" | "at-hit" => {
            let (options, reads) = if mode == "at" {
                (options, (100, u64::MAX, 20_000))
            } else {
                (options.cache_size(8 << 20), (100, 1 << 21, 2_000_000))
            };
            let (seconds, did) = read_around(path, &options, reads)?;
            println!("{seconds:.9} {did}");
            return Ok(());
        }
        _ => return Err("no such MODE".into()),
    };
    println!("{:.9} {did}", start.elapsed().as_secs_f64());
    Ok(())
}
