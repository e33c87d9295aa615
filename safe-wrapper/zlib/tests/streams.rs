// SPDX-License-Identifier: MIT OR Apache-2.0
//! What zlib leaves to its caller, and the wrapper does not.

use std::cell::RefCell;
use std::io::{self, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use ferrule_zlib::{
    Deflate, ErrorKind, Flush, Format, GzReader, GzWriter, InflateBack, Level,
    Memory, Settings, Status, Window, adler32, crc32, crc32_combine,
};

const TEXT: &[u8] = b"how much wood would a woodchuck chuck";

fn packed(settings: &Settings) -> Vec<u8> {
    let mut deflate = settings.deflate().unwrap();
    let mut room = vec![0; 1000];
    let done = deflate.compress(TEXT, &mut room, Flush::Finish).unwrap();
    assert_eq!(done.status, Status::End);
    deflate.end().unwrap();
    room.truncate(done.written);
    room
}

fn raw() -> Settings {
    Settings::new().format(Format::Raw).level(Level::BEST)
}

#[test]
fn a_stream_works_after_it_moved() {
    let mut deflate = Settings::new().deflate().unwrap();
    let mut room = [0; 1000];
    let first = deflate
        .compress(&TEXT[..9], &mut room, Flush::Sync)
        .unwrap();
    let mut moved: Vec<Deflate> = vec![deflate];
    let rest = thread::spawn(move || {
        let mut room = [0; 1000];
        let done = moved[0].compress(&TEXT[9..], &mut room, Flush::Finish);
        room[..done.unwrap().written].to_vec()
    });
    let all = [&room[..first.written], &rest.join().unwrap()].concat();
    let mut inflate = Settings::new().inflate().unwrap();
    let mut text = [0; 100];
    let done = inflate.decompress(&all, &mut text).unwrap();
    assert_eq!(&text[..done.written], TEXT);
}

#[test]
fn what_is_dropped_frees_its_memory() {
    let memory = Memory::new();
    let settings = Settings::new().memory(&memory);
    let mut one = settings.deflate().unwrap();
    one.compress(TEXT, &mut [0; 1], Flush::None).unwrap();
    let other = one.try_clone().unwrap();
    assert!(memory.live() > 0);
    drop(one);
    assert!(memory.live() > 0, "a copy has memory of its own");
    drop(other);
    drop(settings.inflate().unwrap());
    drop(InflateBack::new(Window::MAX, Some(&memory)).unwrap());
    assert_eq!(memory.live(), 0);
    assert!(memory.allocated() > 4);
}

#[test]
fn memory_outlives_the_stream_that_uses_it() {
    let mut stream = {
        let memory = Memory::new();
        Settings::new().memory(&memory).deflate().unwrap()
    };
    stream.compress(TEXT, &mut [0; 100], Flush::Finish).unwrap();
}

#[test]
fn a_stream_that_is_refused_leaves_nothing() {
    for blocks in 0..20 {
        let memory = Memory::limited(blocks);
        match Settings::new().memory(&memory).deflate() {
            Ok(stream) => {
                let mut stream = stream;
                let copy = stream.try_clone();
                assert_eq!(
                    copy.err().map(|e| e.kind()),
                    Some(ErrorKind::Memory)
                );
                drop(stream);
                assert_eq!(memory.live(), 0);
                return;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Memory),
        }
        assert_eq!(memory.live(), 0);
    }
    panic!("20 blocks are not enough");
}

#[test]
fn an_end_too_early_is_said() {
    let mut deflate = Settings::new().deflate().unwrap();
    deflate.compress(TEXT, &mut [0; 1], Flush::None).unwrap();
    let error = deflate.end().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
}

#[test]
fn no_room_and_no_input_is_no_failure() {
    let mut inflate = Settings::new().inflate().unwrap();
    let done = inflate.decompress(b"", &mut []).unwrap();
    assert_eq!((done.read, done.status), (0, Status::Stuck));
}

#[test]
fn corrupt_input_is_an_error_with_its_text() {
    let mut bytes = packed(&Settings::new());
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let mut inflate = Settings::new().inflate().unwrap();
    let error = inflate.decompress(&bytes, &mut [0; 100]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert_eq!(error.message(), "incorrect data check");
}

#[test]
fn a_dictionary_is_asked_for_and_copied() {
    let mut words = b"wood chuck".to_vec();
    let mut deflate = Settings::new().deflate().unwrap();
    let adler = deflate.set_dictionary(&words).unwrap();
    words.fill(0);
    let mut room = [0; 100];
    let made = deflate.compress(TEXT, &mut room, Flush::Finish).unwrap();
    let mut inflate = Settings::new().inflate().unwrap();
    let mut text = [0; 100];
    let done = inflate
        .decompress(&room[..made.written], &mut text)
        .unwrap();
    assert_eq!(done.status, Status::NeedDictionary(adler));
    inflate.set_dictionary(b"wood").unwrap_err();
    inflate.set_dictionary(b"wood chuck").unwrap();
    let rest = &room[done.read..made.written];
    let done = inflate.decompress(rest, &mut text).unwrap();
    assert_eq!(&text[..done.written], TEXT);
}

#[test]
fn a_stream_begins_anew() {
    let mut deflate = Settings::new().deflate().unwrap();
    let mut inflate = Settings::new().inflate().unwrap();
    for _ in 0..2 {
        let (mut room, mut text) = ([0; 100], [0; 100]);
        let made = deflate.compress(TEXT, &mut room, Flush::Finish).unwrap();
        let room = &room[..made.written];
        let done = inflate.decompress(room, &mut text).unwrap();
        assert_eq!(&text[..done.written], TEXT);
        assert_eq!(inflate.checksum(), adler32(1, TEXT));
        deflate.reset().unwrap();
        inflate.reset().unwrap();
    }
}

#[test]
fn values_that_zlib_refuses_cannot_be_made() {
    assert_eq!(Level::new(10), None);
    assert_eq!(Window::new(8), None);
    assert_eq!(Window::new(16), None);
    assert!(Level::new(0).is_some() && Window::new(9).is_some());
}

#[test]
fn checksums_of_pieces_combine() {
    let (a, b) = TEXT.split_at(10);
    assert_eq!(crc32(crc32(0, a), b), crc32(0, TEXT));
    let both = crc32_combine(crc32(0, a), crc32(0, b), b.len());
    assert_eq!(both, crc32(0, TEXT));
}

#[test]
fn back_leaves_what_follows() {
    let bytes = [&packed(&raw())[..], b"what follows"].concat();
    let mut from = BufReader::with_capacity(3, &bytes[..]);
    let mut to = vec![];
    let mut back = InflateBack::new(Window::MAX, None).unwrap();
    back.run(&mut from, &mut to).unwrap();
    assert_eq!(to, TEXT);
    let mut rest = String::new();
    from.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "what follows");
    back.end().unwrap();
}

#[test]
fn back_ends_with_the_input() {
    let bytes = packed(&raw());
    let mut back = InflateBack::new(Window::MAX, None).unwrap();
    let error = back.run(&mut &bytes[..9], &mut io::sink()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Buffer);
}

/// Fails as it is told to.
struct Fails(fn() -> io::Error);

impl Write for Fails {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_in_a_callback_comes_back() {
    let bytes = packed(&raw());
    let mut to = Fails(|| io::Error::other("full"));
    let mut back = InflateBack::new(Window::MAX, None).unwrap();
    let error = back.run(&mut &bytes[..], &mut to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(io::Error::from(error).to_string(), "full");
}

#[test]
fn a_panic_in_a_callback_comes_back_and_nothing_leaks() {
    let memory = Memory::new();
    let calls = RefCell::new(0);
    let mut back = InflateBack::new(Window::MAX, Some(&memory)).unwrap();
    let mut to = Fails(|| panic!("in a callback"));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        *calls.borrow_mut() += 1;
        back.run(&mut &packed(&raw())[..], &mut to)
    }));
    let payload = caught.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"in a callback"));
    // and the stream can be used again
    let mut text = vec![];
    back.run(&mut &packed(&raw())[..], &mut text).unwrap();
    assert_eq!(text, TEXT);
    drop(back);
    assert_eq!(memory.live(), 0);
}

#[test]
fn gzip_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.gz");
    let mut file = GzWriter::create(&path).unwrap();
    assert_eq!(file.write_bytes(b"").unwrap(), 0);
    file.write_all(TEXT).unwrap();
    assert_eq!(file.tell(), TEXT.len() as u64);
    file.close().unwrap();
    let mut text = vec![];
    let mut file = GzReader::open(&path).unwrap();
    file.read_to_end(&mut text).unwrap();
    file.close().unwrap();
    assert_eq!(text, TEXT);

    // cut in the middle: a read or the close says so
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let mut file = GzReader::open(&path).unwrap();
    let read = file.read_to_end(&mut text);
    assert!(read.is_err() || file.close().is_err());

    let error = GzReader::open(folder.path().join("none")).unwrap_err();
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
    let error = GzReader::open("a\0b").unwrap_err();
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_write_that_fails_is_said_at_the_close() {
    let mut file = GzWriter::create("/dev/full").unwrap();
    file.write_all(TEXT).unwrap();
    let error = io::Error::from(file.close().unwrap_err());
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
