// SPDX-License-Identifier: MIT OR Apache-2.0
//! Properties: what holds for any data, any options and any order of calls.

mod common;

use std::io::{Cursor, Read, Seek, Write};

use proptest::collection::vec;
use proptest::prelude::*;
use sgz::{Buffer, Format, Options, Reader};

/// Bytes that compress, that do not, and none.
fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..2000),
        vec(prop_oneof![8 => b'a'..=b'd', 1 => Just(b'\n')], 0..20_000),
        (any::<u8>(), 0..200_000_usize).prop_map(|(b, n)| vec![b; n]),
    ]
}

fn options() -> impl Strategy<Value = Options> {
    (
        prop_oneof![Just(Format::Bgzf), Just(Format::Gzip)],
        -1..=9_i32,
        prop_oneof![1..300_u32, 300..=65_536_u32],
        1..5000_usize,
    )
        .prop_map(|(format, level, block, read)| {
            Options::new()
                .format(format)
                .level(level)
                .block_size(block)
                .read_size(read)
        })
}

/// `data` as `options` have it, written in `parts` and flushed at times.
fn pack(options: &Options, data: &[u8], parts: &[usize]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = options.create_sink(&mut file).expect("opens");
    let mut rest = data;
    for (i, part) in parts.iter().enumerate() {
        let (now, later) = rest.split_at((*part).min(rest.len()));
        writer.write_all(now).expect("writes");
        if i % 3 == 2 {
            writer.flush().expect("flushes");
        }
        rest = later;
    }
    writer.write_all(rest).expect("writes");
    let finished = writer.finish().expect("finishes");
    assert_eq!(finished.len, data.len() as u64);
    file
}

/// Whether the last byte read is of a BGZF block. A damaged header can make a
/// stream of a block.
fn in_a_block(reader: &Reader<'_>) -> bool {
    let mut subfields = reader.header().subfields();
    subfields.any(|subfield| subfield.id == *b"BC")
}

/// The risk: a damaged block is handed out. The clause:
/// sgz_reader_read/Errors. The expectation: whichever bit is wrong, only what
/// was written comes out, unless the damage has made a stream of the block.
#[test]
fn no_bit_of_a_block_can_be_wrong_unnoticed() {
    // bytes that do not compress, so that a block's size, taken for deflate,
    // gives some before it fails
    let mut x = 1_u64;
    let next = |_| {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        x.to_be_bytes()[0]
    };
    let data: Vec<u8> = (0..1100).map(next).collect();
    let options = Options::new().format(Format::Bgzf).block_size(500);
    let file = pack(&options, &data, &[]);
    for bit in 0..file.len() * 8 {
        let mut file = file.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        let Ok(mut reader) = Reader::new(&file) else {
            continue;
        };
        let mut read = Vec::new();
        match reader.read_to_end(&mut read) {
            Ok(_) => assert!(read == data, "bit {bit}"),
            Err(_) => assert!(reader.failure().is_some(), "bit {bit}"),
        }
        assert!(data.starts_with(&read) || !in_a_block(&reader), "bit {bit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read(
        data in data(),
        options in options(),
        parts in vec(0..3000_usize, 0..12),
        sizes in vec(1..70_000_usize, 1..5),
        by_slice in any::<bool>(),
    ) {
        let file = pack(&options, &data, &parts);
        let mut reader = if by_slice {
            options.open_slice(&file).expect("opens")
        } else {
            options.open_stream(&file[..]).expect("opens")
        };
        let mut read = Vec::new();
        for size in sizes.iter().cycle() {
            let mut part = vec![0; *size];
            let len = reader.read_bytes(&mut part).expect("reads");
            read.extend_from_slice(&part[..len]);
            prop_assert_eq!(reader.tell(), read.len() as u64);
            if len == 0 {
                break;
            }
        }
        prop_assert!(read == data);
    }

    #[test]
    fn any_order_of_calls_reads_as_from_a_slice(
        data in data(),
        options in options(),
        moves in vec(
            (any::<prop::sample::Index>(), 0..4000_usize, 0..5),
            1..25
        ),
        indexed in any::<bool>(),
    ) {
        let file = pack(&options, &data, &[]);
        let stream = Cursor::new(&file);
        let mut reader = options.open_source(stream).expect("opens");
        if indexed && reader.format() == Format::Bgzf {
            let index = reader.build_index(true).expect("builds");
            reader.set_index(Some(&index)).expect("sets");
        }
        let mut model = Cursor::new(&data[..]);
        for (to, len, how) in moves {
            match how {
                0 => {
                    let to = to.index(data.len() + 1) as u64;
                    reader.seek_to(to).expect("seeks");
                    model.set_position(to);
                }
                1 => {
                    let mut part = vec![0; len];
                    let read = reader.read_bytes(&mut part).expect("reads");
                    let mut expected = vec![0; len];
                    let count = model.read(&mut expected).expect("reads");
                    prop_assert_eq!(read, count);
                    prop_assert!(part[..read] == expected[..read]);
                }
                2 => {
                    let at = usize::try_from(model.position()).expect("small");
                    let borrowed = reader.peek().expect("peeks");
                    prop_assert!(data[at..].starts_with(borrowed));
                    prop_assert_eq!(borrowed.is_empty(), at == data.len());
                    let step = len.min(borrowed.len());
                    std::io::BufRead::consume(&mut reader, step);
                    model.set_position((at + step) as u64);
                }
                3 => {
                    let at = usize::try_from(model.position()).expect("small");
                    let expected =
                        data[at..].split_inclusive(|b| *b == b'\n').next();
                    let line = reader.next_line(b'\n').expect("reads");
                    prop_assert!(line == expected);
                    let step = line.map_or(0, <[u8]>::len);
                    model.set_position((at + step) as u64);
                }
                _ => {
                    let size = reader.size().expect("known");
                    prop_assert_eq!(size, data.len() as u64);
                }
            }
            prop_assert_eq!(reader.tell(), model.position());
            let position = reader.stream_position().expect("known");
            prop_assert_eq!(position, reader.tell());
        }
    }

    #[test]
    fn lines_are_those_of_split_inclusive(
        data in data(),
        options in options(),
        delimiter in prop_oneof![Just(b'\n'), Just(b'a'), any::<u8>()],
    ) {
        let file = pack(&options, &data, &[]);
        let mut reader = options.open_slice(&file).expect("opens");
        let mut again = options.open_slice(&file).expect("opens");
        let mut lines = reader.borrowed_lines(delimiter);
        let mut copy = Buffer::new();
        for expected in data.split_inclusive(|b| *b == delimiter) {
            let line = lines.next().expect("one more").expect("reads");
            prop_assert!(line == expected);
            again.read_line_into(delimiter, &mut copy).expect("reads");
            prop_assert!(*copy == *expected);
        }
        prop_assert!(lines.next().is_none());
        prop_assert_eq!(
            again.read_line_into(delimiter, &mut copy).expect("reads"),
            0
        );
    }

    #[test]
    fn damage_is_an_error_or_harmless_but_never_more(
        data in vec(any::<u8>(), 0..3000),
        format in prop_oneof![Just(Format::Bgzf), Just(Format::Gzip)],
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
        cut in any::<bool>(),
    ) {
        let options = Options::new().format(format).block_size(500);
        let mut file = pack(&options, &data, &[]);
        let at = at.index(file.len());
        if cut {
            file.truncate(at);
        } else {
            file[at] ^= 1 << bit;
        }
        let Ok(mut reader) = Reader::new(&file) else {
            return Ok(());
        };
        let mut read = Vec::new();
        match reader.read_to_end(&mut read) {
            Ok(_) => prop_assert!(read == data),
            Err(_) => prop_assert!(reader.failure().is_some()),
        }
        // a block is checked before it is handed out, a stream at its end
        if cut || in_a_block(&reader) {
            prop_assert!(data.starts_with(&read));
        }
        let _ = reader.rewind();
        let _ = reader.size();
        let _ = reader.build_index(true);
    }
}
