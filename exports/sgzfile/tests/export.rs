// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions for C, called as C calls them: what they do with NULL, with
//! failures and with panics, and who frees what.

use core::ffi::{CStr, c_int, c_void};
use std::ffi::CString;
use std::fs;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::thread;

use sgzfile::export::*;
use sgzfile::{File, Sizes};

/// A file of `len` bytes, and the same compressed.
struct Files {
    _folder: tempfile::TempDir,
    plain: CString,
    packed: CString,
    data: Vec<u8>,
}

fn name(folder: &Path, name: &str) -> CString {
    let path = folder.join(name).into_os_string();
    CString::new(path.into_encoded_bytes()).unwrap()
}

fn files(len: usize) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let data: Vec<u8> = (0..=250u8).cycle().take(len).collect();
    let plain = name(folder.path(), "plain");
    fs::write(folder.path().join("plain"), &data).unwrap();
    let packed = name(folder.path(), "packed");
    Files {
        _folder: folder,
        plain,
        packed,
        data,
    }
}

fn compress(files: &Files) -> Sizes {
    let mut sizes = Sizes::default();
    // SAFETY: sgzfile_compress/Ownership: all is borrowed for the call.
    let status = unsafe {
        sgzfile_compress(
            files.plain.as_ptr(),
            files.packed.as_ptr(),
            SGZFILE_DEFAULT_LEVEL,
            &raw mut sizes,
            null_mut(),
        )
    };
    assert_eq!(status, Status::Ok);
    sizes
}

fn open(path: &CStr) -> Result<*mut File, Failed> {
    let mut file = null_mut();
    // SAFETY: sgzfile_open/Ownership: all is borrowed for the call.
    Failed::of(|error| unsafe {
        sgzfile_open(path.as_ptr(), &raw mut file, error)
    })
    .map(|()| file)
}

/// The message of this thread's last failure.
fn last_error() -> Option<String> {
    let text = sgzfile_last_error();
    // SAFETY: sgzfile_last_error/Lifetime: no call failed since.
    (!text.is_null())
        .then(|| unsafe { CStr::from_ptr(text).to_string_lossy().into_owned() })
}

/// An error, copied and freed.
#[derive(Debug)]
struct Failed {
    status: Status,
    errno: c_int,
    message: String,
}

impl Failed {
    fn of(call: impl FnOnce(*mut *mut Error) -> Status) -> Result<(), Self> {
        let mut error: *mut Error = null_mut();
        let status = call(&raw mut error);
        if status == Status::Ok {
            assert!(error.is_null());
            return Ok(());
        }
        // SAFETY: sgzfile_compress/Ownership: it is ours, until it is freed.
        let failed = unsafe {
            let text = sgzfile_error_message(Some(&*error));
            Self {
                status: sgzfile_error_status(Some(&*error)),
                errno: sgzfile_error_errno(Some(&*error)),
                message: CStr::from_ptr(text).to_string_lossy().into_owned(),
            }
        };
        assert_eq!(failed.status, status);
        assert_eq!(last_error().as_deref(), Some(&*failed.message));
        // SAFETY: sgzfile_error_free/Ownership: it is a box again.
        sgzfile_error_free(Some(unsafe { Box::from_raw(error) }));
        Err(failed)
    }
}

#[test]
fn a_file_is_compressed_and_read() {
    for len in [0, 1, 200_000] {
        let files = files(len);
        let sizes = compress(&files);
        assert_eq!(sizes.plain, len as u64);
        assert!(sizes.packed >= 28);

        let file = open(&files.packed).unwrap();
        // SAFETY: sgzfile_open/Lifetime: it is closed below.
        let it = unsafe { &*file };
        assert_eq!(sgzfile_size(Some(it)), len as u64);
        // in the middle, at the end and beyond it, and more than there is
        for (offset, want) in
            [(len / 2, 100), (len, 1), (len + 1, 1), (0, usize::MAX / 4)]
        {
            let mut bytes = Bytes {
                data: null_mut(),
                len: 9,
            };
            Failed::of(|error| {
                // SAFETY: sgzfile_range/Ownership: both are borrowed.
                unsafe {
                    sgzfile_range(
                        Some(it),
                        offset as u64,
                        want,
                        &raw mut bytes,
                        error,
                    )
                }
            })
            .unwrap();
            let rest = &files.data[offset.min(len)..];
            let rest = &rest[..want.min(rest.len())];
            assert_eq!(bytes.len, rest.len());
            assert_eq!(bytes.data.is_null(), rest.is_empty());
            if !rest.is_empty() {
                // SAFETY: sgzfile_range/Ownership: len bytes.
                let got = unsafe {
                    std::slice::from_raw_parts(bytes.data, bytes.len)
                };
                assert_eq!(got, rest);
            }
            // SAFETY: sgzfile_bytes_free/Ownership: ours to give back; twice
            // is once.
            unsafe {
                sgzfile_bytes_free(Some(&mut bytes));
                sgzfile_bytes_free(Some(&mut bytes));
            }
            assert!(bytes.data.is_null() && bytes.len == 0);
        }
        // SAFETY: sgzfile_close/Ownership: it is a box again.
        sgzfile_close(Some(unsafe { Box::from_raw(file) }));
    }
}

#[test]
fn a_text_is_the_librarys_to_free() {
    let files = files(200_000);
    compress(&files);
    let file = open(&files.packed).unwrap();
    let mut text = null_mut();
    // SAFETY: sgzfile_describe/Ownership: the text is ours, until it is freed.
    unsafe {
        let status = sgzfile_describe(Some(&*file), &raw mut text, null_mut());
        assert_eq!(status, Status::Ok);
        assert_eq!(
            CStr::from_ptr(text).to_bytes(),
            b"BGZF, 4 blocks, 200000 bytes"
        );
        sgzfile_string_free(text);
        sgzfile_close(Some(Box::from_raw(file)));
    }
}

#[test]
fn null_is_an_error_and_no_crash() {
    let files = files(10);
    compress(&files);
    let path = files.packed.as_ptr();
    let file = open(&files.packed).unwrap();
    let sink = Sink {
        write: None,
        release: None,
        ctx: null_mut(),
    };
    let mut len = 7;
    let len_out = &raw mut len;
    let mut out: *mut File = null_mut();
    type Call<'a> = &'a mut dyn FnMut(*mut *mut Error) -> Status;
    // SAFETY: sgzfile_open/Errors: NULL is refused, where it is not allowed.
    unsafe {
        let it = Some(&*file);
        let calls: [Call; 11] = [
            &mut |e| sgzfile_compress(null(), path, 1, null_mut(), e),
            &mut |e| sgzfile_compress(path, null(), 1, null_mut(), e),
            &mut |e| sgzfile_open(null(), &raw mut out, e),
            &mut |e| sgzfile_open(path, null_mut(), e),
            &mut |e| sgzfile_describe(None, null_mut(), e),
            &mut |e| sgzfile_describe(it, null_mut(), e),
            &mut |e| sgzfile_range(it, 0, 1, null_mut(), e),
            &mut |e| sgzfile_read_at(it, 0, null_mut(), 1, len_out, e),
            &mut |e| sgzfile_stream(path, None, e),
            &mut |e| sgzfile_stream(path, Some(&sink), e),
            &mut |e| {
                let mut byte = 0_u8;
                let data = (&raw mut byte).cast();
                sgzfile_read_at(it, 0, data, usize::MAX, len_out, e)
            },
        ];
        for (i, call) in calls.into_iter().enumerate() {
            let failed = Failed::of(call).unwrap_err();
            assert_eq!(failed.status, Status::Invalid, "call {i}");
        }
        assert_eq!((*len_out, out), (7, null_mut()));
        // no bytes need no memory
        assert_eq!(
            sgzfile_read_at(it, 0, null_mut(), 0, len_out, null_mut()),
            Status::Ok
        );
        assert_eq!(*len_out, 0);
        sgzfile_bytes_free(None);
        sgzfile_string_free(null_mut());
        sgzfile_close(Some(Box::from_raw(file)));
    }
    sgzfile_close(None);
    sgzfile_error_free(None);
    assert_eq!(sgzfile_size(None), 0);
    assert_eq!(sgzfile_error_status(None), Status::Ok);
    assert_eq!(sgzfile_error_errno(None), 0);
    assert!(sgzfile_error_message(None).is_null());
}

#[test]
fn each_failure_has_its_status() {
    let files = files(100_000);
    compress(&files);
    let packed = Path::new(files.packed.to_str().unwrap());
    let folder = packed.parent().unwrap();

    let none = open(&name(folder, "none")).unwrap_err();
    assert_eq!((none.status, none.errno), (Status::Io, 2));
    let plain = open(&files.plain).unwrap_err();
    assert_eq!((plain.status, plain.errno), (Status::Data, 0));

    let gzip = sgz::Options::new().format(sgz::Format::Gzip);
    let mut writer = gzip.create(folder.join("gzip")).unwrap();
    writer.write_bytes(&files.data).unwrap();
    writer.finish().unwrap();
    let gzip = open(&name(folder, "gzip")).unwrap_err();
    assert_eq!(gzip.status, Status::Unsupported);

    // SAFETY: sgzfile_compress/Ownership: all is borrowed for the call.
    let level = Failed::of(|error| unsafe {
        let (from, to) = (files.plain.as_ptr(), files.packed.as_ptr());
        sgzfile_compress(from, to, 1000, null_mut(), error)
    });
    assert_eq!(level.unwrap_err().status, Status::Invalid);
    // and what was there is there
    let file = open(&files.packed).unwrap();
    // SAFETY: sgzfile_close/Ownership: it is a box again.
    sgzfile_close(Some(unsafe { Box::from_raw(file) }));
}

#[test]
fn a_panic_is_a_status() {
    // SAFETY: sgzfile_test_panic/Ownership: the error is ours.
    let failed = Failed::of(|error| unsafe { sgzfile_test_panic(error) });
    let failed = failed.unwrap_err();
    assert_eq!(failed.status, Status::Panic);
    assert_eq!(failed.message, "sgzfile_test_panic() was called");
    // without a place for it, too
    // SAFETY: sgzfile_test_panic/Ownership: there is no place for an error.
    assert_eq!(unsafe { sgzfile_test_panic(null_mut()) }, Status::Panic);
}

#[test]
fn each_thread_has_its_last_error() {
    // SAFETY: sgzfile_test_panic/Ownership: there is no place for an error.
    unsafe { sgzfile_test_panic(null_mut()) };
    let other = thread::spawn(|| {
        let before = last_error();
        let _ = open(c"/nowhere/at/all").unwrap_err();
        (before, last_error())
    });
    let (before, after) = other.join().unwrap();
    assert_eq!(before, None);
    assert!(after.unwrap().contains("No such file"));
    assert_eq!(
        last_error().as_deref(),
        Some("sgzfile_test_panic() was called")
    );
}

/// What a sink saw.
#[derive(Default)]
struct Seen {
    data: Vec<u8>,
    stop_after: usize,
    calls: usize,
    released: usize,
}

unsafe extern "C" fn take(
    ctx: *mut c_void,
    data: *const c_void,
    len: usize,
) -> c_int {
    // SAFETY: sgzfile_sink.write/Ownership: data is borrowed for the call.
    let (seen, data) = unsafe {
        (
            &mut *ctx.cast::<Seen>(),
            std::slice::from_raw_parts(data.cast::<u8>(), len),
        )
    };
    seen.calls += 1;
    seen.data.extend_from_slice(data);
    c_int::from(seen.calls == seen.stop_after)
}

unsafe extern "C" fn release(ctx: *mut c_void) {
    // SAFETY: sgzfile_sink.release/Lifetime: it is there, until this call.
    unsafe { (*ctx.cast::<Seen>()).released += 1 };
}

fn stream(path: &CStr, seen: &mut Seen) -> Result<(), Failed> {
    let sink = Sink {
        write: Some(take),
        release: Some(release),
        ctx: (&raw mut *seen).cast(),
    };
    // SAFETY: sgzfile_stream/Ownership: ctx is the library's until it returns.
    Failed::of(|error| unsafe {
        sgzfile_stream(path.as_ptr(), Some(&sink), error)
    })
}

#[test]
fn a_stream_ends_in_one_release() {
    let files = files(200_000);
    compress(&files);
    let mut whole = Seen::default();
    stream(&files.packed, &mut whole).unwrap();
    assert_eq!((whole.data == files.data, whole.released), (true, 1));

    let mut stopped = Seen {
        stop_after: 2,
        ..Seen::default()
    };
    let failed = stream(&files.packed, &mut stopped).unwrap_err();
    assert_eq!(failed.status, Status::Cancelled);
    assert_eq!((stopped.calls, stopped.released), (2, 1));

    // also if there is nothing to stream
    let mut none = Seen::default();
    let failed = stream(c"/nowhere", &mut none).unwrap_err();
    assert_eq!(failed.status, Status::Io);
    assert_eq!((none.calls, none.released), (0, 1));
}
