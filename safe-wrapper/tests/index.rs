// SPDX-License-Identifier: MIT OR Apache-2.0
//! Indexes: built, kept, saved, loaded, shared, and used to seek.

mod common;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use common::{bgzf, gzip, text};
use sgz::{Entry, Index, Meter, Options, Reader, Result, Status};

fn entry(compressed_offset: u64, offset: u64) -> Entry {
    Entry {
        compressed_offset,
        offset,
    }
}

#[test]
fn built_and_kept_are_the_same_and_survive_a_file() -> Result<()> {
    let data = text(10_000);
    let options = Options::new().block_size(1000).build_index(true);
    let mut file = Vec::new();
    let mut writer = options.create_sink(&mut file)?;
    writer.write_all(&data)?;
    let kept = writer.finish()?.index.expect("asked for");
    assert_eq!(kept.entries()[0], entry(0, 0));
    assert!(kept.entries().len() >= 10);

    let mut reader = Reader::new(&file)?;
    reader.seek_to(1234)?;
    let built = reader.build_index(false)?;
    let verified = reader.build_index(true)?;
    assert_eq!(reader.tell(), 1234);
    assert_eq!(built.entries(), verified.entries());

    let dir = tempfile::tempdir()?;
    let path = dir.path().join("a.gzi");
    kept.save(&path)?;
    let loaded = Index::load(&path)?;
    assert_eq!(loaded.entries(), kept.entries());
    assert_eq!(loaded.locate(999), 0);
    assert_eq!(loaded.locate(1000), 1);
    assert_eq!(loaded.locate(u64::MAX), loaded.entries().len() - 1);
    Ok(())
}

#[test]
fn an_index_goes_through_descriptors() -> Result<()> {
    let index = Index::from_entries(&[entry(0, 0), entry(30, 100)])?;
    let mut file = tempfile::tempfile()?;
    file.write_all(b"before")?;
    index.save_fd(file.as_fd())?;
    file.seek(SeekFrom::Start(6))?;
    let loaded = Index::load_fd(file.as_fd(), &Options::new())?;
    assert_eq!(loaded.entries(), index.entries());
    file.rewind()?;
    let error = Index::load_fd(file.as_fd(), &Options::new()).unwrap_err();
    assert_eq!(error.status(), Status::Index);
    let (one, other) = UnixStream::pair()?;
    index.save_fd(one.as_fd())?;
    drop(one);
    let loaded = Index::load_fd(other.as_fd(), &Options::new())?;
    assert_eq!(loaded.entries(), index.entries());
    let only_read = File::open("/dev/null")?;
    let error = index.save_fd(only_read.as_fd()).unwrap_err();
    assert_eq!(error.status(), Status::Io);
    Ok(())
}

#[test]
fn a_reader_seeks_by_an_index_that_it_shares() -> Result<()> {
    let data = text(10_000);
    let file = bgzf(&data);
    let mut reader = Reader::new(&file)?;
    let index = reader.build_index(false)?;
    reader.set_index(Some(&index))?;
    drop(index);
    for at in [9_999, 0, 5_000, 1] {
        reader.seek_to(at)?;
        let mut byte = [0];
        reader.read_exact(&mut byte)?;
        assert_eq!(byte[0], data[usize::try_from(at).expect("small")]);
    }
    reader.set_index(None)?;
    reader.seek_to(7)?;
    Ok(())
}

#[test]
fn clones_are_used_by_many_threads() -> Result<()> {
    let file = bgzf(&text(20_000));
    let index = Reader::new(&file)?.build_index(false)?;
    let expected = index.entries().to_vec();
    thread::scope(|scope| {
        for i in 0..8 {
            let clone = index.clone();
            let (shared, expected) = (&index, &expected);
            scope.spawn(move || {
                for at in (i..20_000).step_by(97) {
                    assert_eq!(clone.locate(at), shared.locate(at));
                }
                assert_eq!(clone.clone().entries(), &expected[..]);
            });
        }
    });
    Ok(())
}

#[test]
fn entries_that_lie_are_refused() {
    for entries in [
        &[][..],
        &[entry(1, 0)],
        &[entry(0, 1)],
        &[entry(0, 0), entry(0, 0)],
        &[entry(0, 0), entry(50, 60), entry(40, 70)],
        &[entry(0, 0), entry(50, 60), entry(60, 50)],
    ] {
        let error = Index::from_entries(entries).expect_err("refused");
        assert!(
            matches!(error.status(), Status::Index | Status::Invalid),
            "{entries:?}: {error}"
        );
    }
}

#[test]
fn files_that_lie_are_refused() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("bad.gzi");
    let huge = (u64::MAX / 16).to_le_bytes();
    for bytes in [&b""[..], b"\x01", &huge, &[0; 9]] {
        std::fs::write(&path, bytes)?;
        let error = Index::load(&path).expect_err("refused");
        assert_eq!(error.status(), Status::Index, "{bytes:?}");
    }
    let missing = Index::load(dir.path().join("none")).expect_err("none");
    assert_eq!(
        (missing.status(), missing.os_error()),
        (Status::Io, Some(2))
    );
    Ok(())
}

#[test]
fn an_index_of_another_file_is_found_out() -> Result<()> {
    let file = bgzf(&text(10_000));
    let mut reader = Reader::new(&file)?;
    let beyond = Index::from_entries(&[entry(0, 0), entry(1 << 40, 9)])?;
    let error = reader.set_index(Some(&beyond)).expect_err("beyond");
    assert_eq!(error.status(), Status::Index);

    let lies = Index::from_entries(&[entry(0, 0), entry(77, 1000)])?;
    reader.set_index(Some(&lies))?;
    let error = reader.seek_to(1500).expect_err("no block there");
    assert_eq!(error.status(), Status::Index);
    Ok(())
}

#[test]
fn plain_gzip_has_no_blocks_to_index() -> Result<()> {
    let file = gzip(&text(1000));
    let error = Reader::new(&file)?.build_index(false).expect_err("none");
    assert_eq!(error.status(), Status::Unsupported);
    Ok(())
}

/// The risk: a reader keeps a reference to an index from another allocator,
/// whose `ctx` goes first. The clause: `sgz_allocator`'s `ctx` must outlive
/// every block. The expectation: the reader keeps the index's meter alive;
/// valgrind and the sanitizers tell if it did not.
#[test]
fn an_index_outlives_its_own_meter_in_a_reader() -> Result<()> {
    let file = bgzf(&text(10_000));
    let entries = Reader::new(&file)?.build_index(false)?.entries().to_vec();
    let meter = Meter::new();
    let options = Options::new().meter(&meter);
    let index = Index::from_entries_with(&entries, &options)?;
    assert!(meter.live() > 0);

    let mut reader = Reader::new(&file)?;
    reader.set_index(Some(&index))?;
    drop((index, options, meter));
    reader.seek_to(9000)?;
    reader.close();
    Ok(())
}

#[test]
fn an_index_outlives_the_reader_and_writer_that_made_it() -> Result<()> {
    let meter = Meter::new();
    let options = Options::new().meter(&meter).build_index(true);
    let mut file = Vec::new();
    let mut writer = options.create_sink(&mut file)?;
    writer.write_all(&text(100_000))?;
    let kept = writer.finish()?.index.expect("asked for");
    let built = options.open_slice(&file)?.build_index(false)?;
    drop(options);
    assert_eq!(kept.entries(), built.entries());
    assert!(meter.live() > 0);
    drop((kept, built));
    assert_eq!(meter.live(), 0);
    Ok(())
}
