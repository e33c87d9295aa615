// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading from each kind of input, by bytes, lines and position.

mod common;

use std::fs::File;
use std::io::{BufRead, Cursor, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::thread;

use common::{bgzf, gzip, text};
use sgz::{Buffer, Format, Options, Reader, Result, Status};

fn read_all(mut reader: Reader<'_>) -> Vec<u8> {
    let mut all = Vec::new();
    reader.read_to_end(&mut all).expect("reads");
    all
}

#[test]
fn every_input_gives_the_same_bytes() -> Result<()> {
    let data = text(50_000);
    let options = Options::new();
    for file in [bgzf(&data), gzip(&data)] {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("a.gz");
        std::fs::write(&path, &file)?;

        assert_eq!(read_all(Reader::open(&path)?), data);
        assert_eq!(read_all(Reader::new(&file)?), data);
        assert_eq!(read_all(options.open_stream(file.as_slice())?), data);
        assert_eq!(read_all(options.open_source(Cursor::new(&file))?), data);
        let open = File::open(&path)?;
        assert_eq!(read_all(options.open_fd(open.as_fd())?), data);
    }
    Ok(())
}

#[test]
fn an_fd_is_read_from_where_it_stands_and_stays_open() -> Result<()> {
    let data = text(5000);
    let mut open = tempfile::tempfile()?;
    open.write_all(b"in front")?;
    open.write_all(&bgzf(&data))?;
    open.seek(SeekFrom::Start(8))?;

    let reader = Options::new().open_fd(open.as_fd())?;
    assert_eq!(reader.as_fd()?.as_raw_fd(), open.as_raw_fd());
    assert_eq!(read_all(reader), data);
    open.seek(SeekFrom::Start(0))?;
    Ok(())
}

#[test]
fn only_a_reader_of_a_file_has_an_fd() -> Result<()> {
    let file = bgzf(b"x");
    let reader = Reader::new(&file)?;
    let error = reader.as_fd().expect_err("memory has none");
    assert_eq!(error.raw_os_error(), Some(9), "EBADF");
    Ok(())
}

#[test]
fn the_same_seeks_as_in_a_slice() -> Result<()> {
    let data = text(30_000);
    for file in [bgzf(&data), gzip(&data)] {
        let mut reader = Reader::new(&file)?;
        assert_eq!(reader.size()?, 30_000);
        assert_eq!(reader.seek(SeekFrom::End(-10))?, 29_990);
        assert_eq!(reader.seek(SeekFrom::Current(-90))?, 29_900);
        assert_eq!(reader.stream_position()?, 29_900);
        let mut part = [0; 50];
        reader.read_exact(&mut part)?;
        assert_eq!(part, data[29_900..29_950]);
        reader.rewind()?;
        assert_eq!(reader.tell(), 0);
        reader.seek_to(30_000)?;
        assert_eq!(reader.read_bytes(&mut part)?, 0);

        let error = reader.seek_to(30_001).expect_err("beyond the end");
        assert_eq!(error.status(), Status::Range);
        assert_eq!(reader.tell(), 30_000, "the position stays");
        for to in [
            SeekFrom::Current(-30_001),
            SeekFrom::End(-30_001),
            SeekFrom::Current(i64::MIN),
        ] {
            assert!(reader.seek(to).is_err(), "{to:?}");
            assert_eq!(reader.tell(), 30_000);
        }
    }
    Ok(())
}

#[test]
fn a_stream_that_cannot_seek_says_so() -> Result<()> {
    let data = text(5000);
    let file = bgzf(&data);
    let mut reader = Options::new().open_stream(file.as_slice())?;
    let error = reader.size().expect_err("not known yet");
    assert_eq!(error.status(), Status::Unsupported);
    reader.seek_to(4000)?;
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest)?;
    assert_eq!(rest, data[4000..]);
    let error = reader.seek_to(0).expect_err("backwards");
    assert_eq!(error.status(), Status::Unsupported);
    Ok(())
}

#[test]
fn lines_by_all_ways_are_the_same() -> Result<()> {
    let data = text(40_000);
    let expected: Vec<_> = data.split_inclusive(|b| *b == b'\n').collect();
    let file = bgzf(&data);

    let mut lines = Vec::new();
    let mut reader = Reader::new(&file)?;
    while let Some(line) = reader.next_line(b'\n')? {
        lines.push(line.to_vec());
    }
    assert_eq!(lines, expected);

    lines.clear();
    reader.rewind()?;
    let mut borrowed = reader.borrowed_lines(b'\n');
    while let Some(line) = borrowed.next() {
        lines.push(line?.to_vec());
    }
    assert!(borrowed.next().is_none());
    assert_eq!(lines, expected);

    lines.clear();
    reader.rewind()?;
    let mut line = Buffer::new();
    while reader.read_line_into(b'\n', &mut line)? > 0 {
        lines.push(line.to_vec());
    }
    assert!(line.is_empty());
    assert_eq!(lines, expected);

    reader.rewind()?;
    assert_eq!(reader.split(b'\n').count(), expected.len());
    Ok(())
}

#[test]
fn a_line_beyond_the_limit_ends_borrowed_lines() -> Result<()> {
    let file = bgzf(b"short\nthis one is longer\nshort\n");
    let mut reader = Options::new().line_limit(10).open_slice(&file)?;
    let mut lines = reader.borrowed_lines(b'\n');
    assert_eq!(lines.next().expect("a line")?, b"short\n");
    let error = lines.next().expect("a failure").expect_err("too long");
    assert_eq!(error.status(), Status::Limit);
    assert!(lines.next().is_none(), "a failure would come for ever");
    Ok(())
}

#[test]
fn peek_lends_and_consume_moves() -> Result<()> {
    let data = text(3000);
    let file = bgzf(&data);
    let mut reader = Reader::new(&file)?;
    let mut seen = Vec::new();
    loop {
        let part = reader.peek()?;
        if part.is_empty() {
            break;
        }
        let len = part.len().min(7);
        seen.extend_from_slice(&part[..len]);
        reader.consume(len);
        assert_eq!(reader.tell(), seen.len() as u64);
    }
    assert_eq!(seen, data);

    reader.seek_to(2990)?;
    let borrowed = reader.fill_buf()?.len();
    reader.consume(borrowed + 1_000_000);
    assert_eq!(reader.tell(), 3000, "no further than was borrowed");
    Ok(())
}

#[test]
fn an_empty_buffer_reads_nothing() -> Result<()> {
    let file = bgzf(b"abc");
    let mut reader = Reader::new(&file)?;
    assert_eq!(reader.read_bytes(&mut [])?, 0);
    assert_eq!(reader.tell(), 0);
    Ok(())
}

#[test]
fn a_failure_sticks_until_a_seek() -> Result<()> {
    let data = text(3000);
    let mut file = bgzf(&data);
    let last = file.len() - 28 - 8; // the end marker, and a CRC-32
    file[last] ^= 1;
    let mut reader = Reader::new(&file)?;
    assert!(reader.failure().is_none());
    let mut read = Vec::new();
    let error = reader.read_to_end(&mut read).expect_err("a bad CRC");
    assert_eq!(read, data[..2000], "what came before is not lost");
    let error = sgz::Error::from(error);
    assert_eq!(error.status(), Status::Crc);
    assert!(error.offset().is_some());
    for _ in 0..2 {
        let again = reader.read_bytes(&mut [0; 9]).expect_err("sticks");
        assert_eq!(again.status(), Status::Crc);
        assert_eq!(again.message(), error.message());
    }
    let kept = reader.failure().expect("kept");
    assert_eq!(kept.message(), error.message());
    reader.seek_to(10)?;
    assert!(reader.failure().is_none());
    Ok(())
}

#[test]
fn what_cannot_be_opened_says_why() {
    let open = |data: &[u8]| Reader::new(data).expect_err("refused").status();
    assert_eq!(open(b""), Status::Truncated);
    assert_eq!(open(b"plain text, and no gzip"), Status::Format);
    assert_eq!(open(&bgzf(b"x")[..5]), Status::Truncated);

    let missing = Reader::open("/no/such/file").expect_err("missing");
    assert_eq!(missing.status(), Status::Io);
    assert_eq!(missing.os_error(), Some(2));
    assert!(missing.to_string().contains("/no/such/file"));
    let nul = Reader::open("a\0b").expect_err("a NUL");
    assert_eq!(nul.status(), Status::Invalid);
    assert!(Reader::open(std::env::temp_dir()).is_err(), "a directory");
    assert!(Options::new().read_size(0).open_slice(&bgzf(b"")).is_err());
}

#[test]
fn detection_tells_the_format() -> Result<()> {
    assert_eq!(sgz::detect(&bgzf(b"x")), Some(Format::Bgzf));
    assert_eq!(sgz::detect(&gzip(b"x")), Some(Format::Gzip));
    assert_eq!(sgz::detect(b""), None);
    assert_eq!(Reader::new(&bgzf(b"x"))?.format(), Format::Bgzf);
    assert_eq!(Reader::new(&gzip(b"x"))?.format(), Format::Gzip);
    Ok(())
}

#[test]
fn a_reader_moves_to_another_thread() -> Result<()> {
    let data = text(5000);
    let file = bgzf(&data);
    let mut reader = Options::new().open_source(Cursor::new(&file))?;
    reader.seek_to(100)?;
    let rest = thread::scope(|scope| {
        scope.spawn(move || read_all(reader)).join().expect("joins")
    });
    assert_eq!(rest, data[100..]);
    Ok(())
}

#[test]
fn a_reader_stands_for_one_of_a_shorter_life() -> Result<()> {
    fn shorten<'a>(
        long: Reader<'static>,
        short: Reader<'a>,
    ) -> [Reader<'a>; 2] {
        [long, short]
    }

    static EMPTY: [u8; 20] = *b"\x1f\x8b\x08\0\0\0\0\0\0\xff\
        \x03\0\0\0\0\0\0\0\0\0";
    let file = bgzf(b"");
    for reader in shorten(Reader::new(&EMPTY)?, Reader::new(&file)?) {
        assert_eq!(read_all(reader), b"");
    }
    Ok(())
}

#[test]
fn a_reader_reads_from_a_reader() -> Result<()> {
    let data = text(5000);
    let twice = gzip(&bgzf(&data));
    let outer = Options::new().open_slice(&twice)?;
    let inner = Options::new().open_source(outer)?;
    assert_eq!(read_all(inner), data);
    Ok(())
}
