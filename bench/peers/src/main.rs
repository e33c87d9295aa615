// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rows of other libraries in the speed table.
//!
//! `PEER MODE FILE THREADS LEVEL` prints the seconds that the work took, and
//! the bytes that it made, as `bench/throughput.c` does.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::num::NonZero;
use std::time::Instant;

use gzp::BgzfSyncReader;
use gzp::BgzfSyncWriter;
use gzp::ZWriter;
use gzp::deflate::Bgzf;
use gzp::par::compress::ParCompressBuilder;
use gzp::par::decompress::ParDecompressBuilder;
use noodles_bgzf::io as noodles;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Counts the bytes that are written, and keeps none.
#[derive(Default)]
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

fn decode(mut reader: impl Read) -> Result<u64> {
    let mut data = vec![0; 1 << 20];
    let mut sum = 0;
    loop {
        match reader.read(&mut data)? {
            0 => return Ok(sum),
            n => sum += n as u64,
        }
    }
}

fn lines(mut reader: impl BufRead) -> Result<u64> {
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

/// What a row asks for.
struct Task {
    mode: String,
    path: String,
    threads: NonZero<usize>,
    level: u8,
}

impl Task {
    fn alone(&self) -> bool {
        self.threads.get() == 1
    }

    fn file(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

fn run_noodles(task: &Task, data: &[u8]) -> Result<u64> {
    let level = noodles::writer::CompressionLevel::new(task.level)
        .ok_or("no such level")?;
    let many = || -> Result<_> {
        Ok(noodles::MultithreadedReader::with_worker_count(
            task.threads,
            task.file()?,
        ))
    };
    match (task.mode.as_str(), task.alone()) {
        ("decode", true) => decode(noodles::Reader::new(task.file()?)),
        ("decode", false) => decode(many()?),
        ("lines", true) => lines(noodles::Reader::new(task.file()?)),
        ("lines", false) => lines(many()?),
        ("encode", true) => {
            let mut writer = noodles::writer::Builder::default()
                .set_compression_level(level)
                .build_from_writer(Count::default());
            writer.write_all(data)?;
            Ok(writer.finish()?.0)
        }
        ("encode", false) => {
            let mut writer = noodles::multithreaded_writer::Builder::default()
                .set_compression_level(level)
                .set_worker_count(task.threads)
                .build_from_writer(Count::default());
            writer.write_all(data)?;
            Ok(writer.finish()?.0)
        }
        _ => Err("no such MODE".into()),
    }
}

/// gzp takes its output by value and gives nothing back: count elsewhere.
struct Shared(std::sync::mpsc::Sender<u64>);

impl Write for Shared {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.send(data.len() as u64).map_err(io::Error::other)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn run_gzp(task: &Task, data: &[u8]) -> Result<u64> {
    let level = flate2::Compression::new(task.level.into());
    let many = || -> Result<_> {
        Ok(ParDecompressBuilder::<Bgzf>::new()
            .num_threads(task.threads.get())?
            .from_reader(BufReader::with_capacity(1 << 18, task.file()?)))
    };
    let one = || -> Result<_> {
        let file = BufReader::with_capacity(1 << 18, task.file()?);
        Ok(BgzfSyncReader::new(file))
    };
    match (task.mode.as_str(), task.alone()) {
        ("decode", true) => decode(one()?),
        ("decode", false) => decode(many()?),
        ("lines", true) => lines(BufReader::with_capacity(1 << 16, one()?)),
        ("lines", false) => lines(BufReader::with_capacity(1 << 16, many()?)),
        ("encode", true) => {
            let (sender, receiver) = std::sync::mpsc::channel();
            let mut writer = BgzfSyncWriter::new(Shared(sender), level);
            writer.write_all(data)?;
            writer.flush()?;
            drop(writer);
            Ok(receiver.iter().sum())
        }
        ("encode", false) => {
            let (sender, receiver) = std::sync::mpsc::channel();
            let mut writer = ParCompressBuilder::<Bgzf>::new()
                .compression_level(level)
                .num_threads(task.threads.get())?
                .from_writer(Shared(sender));
            writer.write_all(data)?;
            writer.finish()?;
            drop(writer);
            Ok(receiver.iter().sum())
        }
        _ => Err("no such MODE".into()),
    }
}

/// With more than one thread it works in rayon's pool: the caller sets
/// `RAYON_NUM_THREADS`.
fn run_bgzip(task: &Task, data: &[u8]) -> Result<u64> {
    use bgzip::read::BGZFMultiThreadReader as Many;
    use bgzip::write::BGZFMultiThreadWriter;
    use bgzip::{BGZFReader, BGZFWriter, Compression};
    let level = Compression::new(task.level.into())?;
    let one = || -> Result<_> {
        let file = BufReader::with_capacity(1 << 18, task.file()?);
        Ok(BGZFReader::new(file)?)
    };
    match (task.mode.as_str(), task.alone()) {
        ("decode", true) => decode(one()?),
        ("decode", false) => decode(Many::new(task.file()?)?),
        ("encode", true) => {
            let mut count = Count::default();
            let mut writer = BGZFWriter::new(&mut count, level);
            writer.write_all(data)?;
            writer.close()?;
            Ok(count.0)
        }
        ("encode", false) => {
            let mut count = Count::default();
            let mut writer = BGZFMultiThreadWriter::new(&mut count, level);
            writer.write_all(data)?;
            writer.close()?;
            Ok(count.0)
        }
        _ => Err("no such MODE".into()),
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().collect();
    let [_, peer, mode, path, threads, level] = &args[..] else {
        return Err("PEER MODE FILE THREADS LEVEL".into());
    };
    let task = Task {
        mode: mode.clone(),
        path: path.clone(),
        threads: threads.parse()?,
        level: level.parse()?,
    };
    // this puts the file into the system's cache, too
    let data = fs::read(path)?;
    let start = Instant::now();
    let did = match peer.as_str() {
        "noodles" => run_noodles(&task, &data)?,
        "gzp" => run_gzp(&task, &data)?,
        "bgzip" => run_bgzip(&task, &data)?,
        _ => return Err("no such PEER".into()),
    };
    println!("{:.9} {did}", start.elapsed().as_secs_f64());
    Ok(())
}
