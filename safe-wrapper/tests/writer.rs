// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing to each kind of output, and what is left when it is given up.

mod common;

use std::ffi::{CStr, CString};
use std::fs;
use std::io::{Read, Seek, Write};
use std::os::fd::AsFd;

use common::{gzip, text};
use sgz::{Buffer, Format, NewHeader, Options, Reader, Result, Status, Writer};

fn unpack(file: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut reader = Reader::new(file).expect("opens");
    reader.read_to_end(&mut data).expect("reads");
    data
}

#[test]
fn every_output_gets_the_same_bytes() -> Result<()> {
    let data = text(200_000);
    for format in [Format::Bgzf, Format::Gzip] {
        let options = Options::new().format(format).level(3);
        let write = |mut writer: Writer<'_>| -> Result<u64> {
            for part in data.chunks(777) {
                writer.write_bytes(part)?;
            }
            assert_eq!(writer.tell(), 200_000);
            Ok(writer.finish()?.len)
        };
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("a.gz");
        assert_eq!(write(options.create(&path)?)?, 200_000);
        let file = fs::read(&path)?;
        assert_eq!(unpack(&file), data);

        let mut buffer = Buffer::new();
        write(options.create_buffer(&mut buffer)?)?;
        assert_eq!(*buffer, *file);

        let mut sink = Vec::new();
        write(options.create_sink(&mut sink)?)?;
        assert_eq!(sink, file);

        let mut open = tempfile::tempfile()?;
        write(options.create_fd(open.as_fd())?)?;
        let mut again = Vec::new();
        open.rewind()?;
        open.read_to_end(&mut again)?;
        assert_eq!(again, file);
    }
    Ok(())
}

#[test]
fn a_buffer_is_appended_to_and_lent_again_afterwards() -> Result<()> {
    let mut buffer = Buffer::new();
    for part in [&b"one"[..], b"two"] {
        let mut writer = Options::new().create_buffer(&mut buffer)?;
        writer.write_all(part)?;
        writer.finish()?;
    }
    assert_eq!(unpack(&buffer), b"onetwo");
    buffer.release();
    assert!(buffer.is_empty());
    Ok(())
}

#[test]
fn given_up_leaves_no_file_and_the_old_one_untouched() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("a.gz");
    let mut writer = Writer::create(&path)?;
    writer.write_all(b"never finished")?;
    drop(writer);
    assert_eq!(fs::read_dir(dir.path())?.count(), 0);

    fs::write(&path, "old")?;
    let mut writer = Writer::create(&path)?;
    writer.write_all(b"never finished")?;
    drop(writer);
    assert_eq!(fs::read(&path)?, b"old");
    assert_eq!(fs::read_dir(dir.path())?.count(), 1);

    let refused = Options::new().exclusive(true).create(&path);
    let refused = refused.and_then(Writer::finish).expect_err("exists");
    assert_eq!(refused.status(), Status::Exists);
    Writer::create(&path)?.finish()?;
    assert_eq!(unpack(&fs::read(&path)?), b"");
    Ok(())
}

#[test]
fn flush_makes_all_of_it_readable() -> Result<()> {
    for format in [Format::Bgzf, Format::Gzip] {
        let mut buffer = tempfile::NamedTempFile::new()?;
        let out = buffer.reopen()?;
        let mut writer =
            Options::new().format(format).create_fd(out.as_fd())?;
        writer.write_all(b"so far")?;
        writer.flush()?;

        let mut half = Vec::new();
        buffer.read_to_end(&mut half)?;
        let mut reader = Options::new().allow_no_eof(true).open_slice(&half)?;
        let mut seen = [0; 6];
        reader.read_exact(&mut seen)?;
        assert_eq!(&seen, b"so far", "{format:?}");
        writer.finish()?;
    }
    Ok(())
}

#[test]
fn flushing_nothing_writes_nothing() -> Result<()> {
    let mut buffers = [Buffer::new(), Buffer::new()];
    for (i, buffer) in buffers.iter_mut().enumerate() {
        let mut writer = Options::new().create_buffer(buffer)?;
        for part in [b"one", b"two"] {
            for _ in 0..i {
                writer.flush()?; // ends no block, as nothing is in it
            }
            writer.write_all(part)?;
            writer.flush()?;
        }
        writer.finish()?;
    }
    assert_eq!(*buffers[0], *buffers[1]);
    Ok(())
}

#[test]
fn a_header_is_written_and_read_back() -> Result<()> {
    let mut file = Vec::new();
    let options = Options::new().format(Format::Gzip);
    let mut writer = options.create_sink(&mut file)?;
    {
        let name = CString::new(b"caf\xe9.txt".as_slice()).expect("no NUL");
        let header = NewHeader::new()
            .name(&name)
            .comment(c"a comment")
            .extra(b"AB\x02\x00hiCD\x00\x00")
            .mtime(1_234_567);
        writer.set_header(&header)?;
    }
    writer.write_all(b"x")?;
    let late = writer.set_header(&NewHeader::new()).expect_err("too late");
    assert_eq!(late.status(), Status::State);
    writer.finish()?;

    let reader = Reader::new(&file)?;
    let header = reader.header();
    assert_eq!(header.name().map(CStr::to_bytes), Some(&b"caf\xe9.txt"[..]));
    assert_eq!(header.comment(), Some(c"a comment"));
    assert_eq!(header.mtime(), 1_234_567);
    assert_eq!(header.offset(), 0);
    assert_eq!(header.os(), 255);
    assert_eq!(header.flags(), 0x1c);
    let subfields: Vec<_> = header.subfields().collect();
    assert_eq!(subfields.len(), 2);
    assert_eq!((subfields[0].id, subfields[0].data), (*b"AB", &b"hi"[..]));
    assert_eq!((subfields[1].id, subfields[1].data), (*b"CD", &b""[..]));
    let text = header.describe()?;
    drop(reader); // the text is ours
    assert!(text.to_str().expect("ASCII").contains("\\xe9"), "{text:?}");
    Ok(())
}

#[test]
fn a_header_is_refused_where_it_does_not_fit() -> Result<()> {
    let mut file = Vec::new();
    let mut writer = Options::new().create_sink(&mut file)?;
    let error = writer.set_header(&NewHeader::new()).expect_err("BGZF");
    assert_eq!(error.status(), Status::Unsupported);
    drop(writer);

    let options = Options::new().format(Format::Gzip);
    let mut writer = options.create_sink(&mut file)?;
    let long = vec![0; 70_000];
    for extra in [&b"AB\x09\x00hi"[..], b"A", &long] {
        let header = NewHeader::new().extra(extra);
        let error = writer.set_header(&header).expect_err("refused");
        assert_eq!(error.status(), Status::Invalid);
    }
    writer.finish()?;
    Ok(())
}

#[test]
fn options_out_of_range_are_refused() {
    let mut file = Vec::new();
    for options in [
        Options::new().level(13),
        Options::new().level(-2),
        Options::new().block_size(0),
        Options::new().block_size(1 << 20),
    ] {
        let error = options.create_sink(&mut file).expect_err("refused");
        assert_eq!(error.status(), Status::Invalid, "{options:?}");
    }
}

#[test]
fn formatted_text_goes_through_write() -> Result<()> {
    let mut buffer = Buffer::new();
    let mut writer = Options::new().create_buffer(&mut buffer)?;
    write!(writer, "a%sb-{:>4}", 7)?;
    assert_eq!(writer.finish()?.len, 9);
    assert_eq!(unpack(&buffer), b"a%sb-   7");
    Ok(())
}

#[test]
fn a_failed_finish_says_so_and_keeps_the_old_file() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("a.gz");
    let writer = Options::new().exclusive(true).create(&path)?;
    fs::write(&path, "came first")?;
    let error = writer.finish().expect_err("the name is taken");
    assert_eq!(error.status(), Status::Exists);
    assert_eq!(fs::read(&path)?, b"came first");
    assert_eq!(fs::read_dir(dir.path())?.count(), 1);
    Ok(())
}

#[test]
fn a_writer_writes_into_a_writer() -> Result<()> {
    let data = text(3000);
    let mut file = Vec::new();
    let mut inner =
        Options::new().format(Format::Gzip).create_sink(&mut file)?;
    let mut outer = Options::new().create_sink(&mut inner)?;
    outer.write_all(&data)?;
    outer.finish()?;
    inner.finish()?;
    assert_eq!(unpack(&unpack(&file)), data);
    assert_ne!(file, gzip(&data));
    Ok(())
}
