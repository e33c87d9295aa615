// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 19, zlib: a large C library with many rules.

use std::io::{self, BufRead, Read, Write};

use ferrule_zlib::{
    Deflate, Error, Flush, Format, GzReader, GzWriter, InflateBack, Level,
    Memory, Result, Settings, Status, Window, crc32,
};

use super::prelude::*;

const MOST: usize = 1 << 16; // bytes of the file that are used
const ROOM: usize = MOST + 1024; // enough for them, compressed or not

/// A dictionary: what both sides know before the first byte.
const WORDS: &[u8] = b"the of and to in is that it was for\0";

/// What C returns: 0, or the number of the failure.
fn code<T>(result: &Result<T>) -> i32 {
    result.as_ref().err().map_or(0, Error::code)
}

/// The input of `InflateBack`: pieces of 100 bytes.
struct Pieces<'a> {
    left: &'a [u8],
    reads: i64,
}

impl BufRead for Pieces<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reads += 1;
        Ok(&self.left[..self.left.len().min(100)])
    }

    fn consume(&mut self, len: usize) {
        self.left = &self.left[len..];
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The output of `InflateBack`: a checksum.
#[derive(Default)]
struct Sum {
    writes: i64,
    bytes: usize,
    crc: u32,
}

impl Write for Sum {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.crc = crc32(self.crc, data);
        self.bytes += data.len();
        self.writes += 1;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, &input.data()[..input.data().len().min(MOST)]);
}

fn steps(rec: &mut Recorder, data: &[u8]) -> Result<()> {
    let (mut packed, mut text) = (vec![0; ROOM], vec![0; ROOM]);
    let settings = Settings::new();

    rec.step("deflate");
    let deflate = settings.deflate();
    rec.int("init", code(&deflate));
    let mut deflate = deflate?;
    let done = deflate.compress(data, &mut packed, Flush::Finish)?;
    rec.int("deflate", done.status.code());
    let made = done.written;
    rec.bytes("packed", &packed[..made]);
    rec.int("adler", deflate.checksum());
    rec.int("end", code(&deflate.end()));

    rec.step("inflate");
    let inflate = settings.inflate();
    rec.int("init", code(&inflate));
    let mut inflate = inflate?;
    let (mut read, mut written, mut calls, mut crc) = (0, 0, 0, 0);
    let last = loop {
        let left = &packed[read..made];
        let done = inflate.decompress(left, &mut text[..512])?;
        crc = crc32(crc, &text[..done.written]);
        read += done.read;
        written += done.written;
        calls += 1;
        if done.status != Status::More {
            break done.status;
        }
    };
    rec.int("last", last.code());
    rec.int("calls", calls);
    rec.int("bytes", written);
    rec.int("crc", crc);
    rec.int("end", code(&inflate.end()));

    rec.step("a damaged stream");
    packed[made - 1] ^= 1; // of the Adler-32
    let mut inflate = settings.inflate()?;
    let failed = inflate.decompress(&packed[..made], &mut text);
    rec.int("inflate", code(&failed));
    let text_of = failed.as_ref().err().map(|e| e.message().as_bytes());
    rec.text_or_absent("text", text_of);
    drop(inflate);

    rec.step("a dictionary");
    let mut deflate = settings.deflate()?;
    rec.int("set", code(&deflate.set_dictionary(WORDS)));
    let done = deflate.compress(data, &mut packed, Flush::Finish)?;
    rec.int("deflate", done.status.code());
    let made = done.written;
    drop(deflate);
    let mut inflate = settings.inflate()?;
    let done = inflate.decompress(&packed[..made], &mut text)?; // it asks
    rec.int("inflate", done.status.code());
    if let Status::NeedDictionary(adler) = done.status {
        rec.int("asks for", adler);
    }
    rec.int("another", code(&inflate.set_dictionary(&WORDS[..3])));
    rec.int("the right one", code(&inflate.set_dictionary(WORDS)));
    let done = inflate.decompress(&packed[done.read..made], &mut text)?;
    rec.int("again", done.status.code());
    rec.bytes("text", &text[..done.written]);
    drop(inflate);

    rec.step("a copy");
    let (first, second) = data.split_at(data.len() / 2);
    let mut one = settings.deflate()?;
    one.compress(first, &mut packed, Flush::Sync)?;
    let copy = one.try_clone();
    rec.int("copy", code(&copy));
    let mut copy = copy?; // with its own memory
    let done = one.compress(second, &mut packed, Flush::Finish)?;
    rec.int("one", done.status.code());
    rec.bytes("its end", &packed[..done.written]);
    let done = copy.compress(&[], &mut packed, Flush::Finish)?;
    rec.int("the other", done.status.code());
    rec.bytes("another end", &packed[..done.written]);
    rec.int("end of one", code(&one.end()));
    rec.int("end of the other", code(&copy.end()));

    rec.step("a moved stream");
    let deflate = settings.deflate()?;
    let moved = Box::new(deflate); // a pointer moves; what it points to stays
    rec.prevented("E0616, field is private: the z_stream cannot be taken out");
    rec.int("end", code(&Deflate::end(*moved)));

    rec.step("another end call");
    let deflate = settings.deflate()?;
    rec.prevented("E0308, mismatched types: Inflate::end() takes an Inflate");
    rec.int("end", code(&deflate.end()));

    rec.step("callbacks");
    let raw = settings.clone().level(Level::FASTEST).format(Format::Raw);
    let mut deflate = raw.deflate()?;
    let done = deflate.compress(data, &mut packed, Flush::Finish)?;
    drop(deflate);
    let left = &packed[..done.written + 4]; // 4 bytes of something else
    let (mut from, mut to) = (Pieces { left, reads: 0 }, Sum::default());
    let back = InflateBack::new(Window::MAX, None);
    rec.int("init", code(&back));
    let mut back = back?;
    back.run(&mut from, &mut to)?;
    rec.int("inflateBack", Status::End.code());
    rec.int("left", from.left.len());
    rec.int("end", code(&back.end()));
    rec.int("reads", from.reads);
    rec.int("writes", to.writes);
    rec.int("bytes", to.bytes);
    rec.int("crc", to.crc);

    rec.step("an allocator");
    let (mut refused, mut lost) = (0, 0);
    let (memory, deflate) = loop {
        let memory = Memory::limited(refused);
        match settings.clone().memory(&memory).deflate() {
            Ok(deflate) => break (memory, deflate),
            Err(_) => lost += memory.live(),
        }
        refused += 1;
    };
    rec.int("init", 0);
    rec.int("refused", refused);
    rec.int("lost", lost);
    rec.int("bytes", memory.bytes());
    rec.int("end", code(&deflate.end()));
    rec.int("live", memory.live());

    rec.step("a gzip file");
    let mut file = GzWriter::create("t.gz")?;
    rec.int("written", file.write_bytes(data)?);
    let start = file.tell();
    let _ = writeln!(file, "{} bytes", data.len());
    rec.int("printed", file.tell() - start);
    rec.int("position", file.tell());
    rec.int("close", code(&file.close())); // takes it, and can fail
    let mut file = GzReader::open("t.gz")?;
    rec.int("read", file.read_bytes(&mut text)?);
    rec.int("close", code(&file.close()));
    let missing = GzReader::open("none.gz").err().map(io::Error::from);
    let errno = missing.and_then(|e| e.raw_os_error());
    rec.int("errno", errno.unwrap_or(0));
    Ok(())
}
