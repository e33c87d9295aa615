// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions for C, called as C calls them.

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use codec_zlib_rs::export::*;

/// Compresses data into room bytes: the answer, and the stream.
fn pack(level: i32, data: &[u8], room: usize) -> (Answer, Vec<u8>) {
    let (mut encoder, mut made) = (null_mut(), 0);
    let mut out = vec![0; room];
    // SAFETY: codec_zlib_rs_encoder_new/Ownership: it is ours until it is
    // freed. codec_zlib_rs_compress/Ownership: all of it is borrowed.
    unsafe {
        let answer = codec_zlib_rs_encoder_new(level, &raw mut encoder);
        assert_eq!(answer, Answer::Ok);
        let answer = codec_zlib_rs_compress(
            encoder.as_mut(),
            data.as_ptr().cast(),
            data.len(),
            out.as_mut_ptr().cast(),
            out.len(),
            &raw mut made,
        );
        codec_zlib_rs_encoder_free(Some(Box::from_raw(encoder)));
        out.truncate(made);
        (answer, out)
    }
}

/// Decompresses stream to len bytes: the answer, the bytes, what was used.
fn unpack(stream: &[u8], len: usize) -> (Answer, Vec<u8>, usize) {
    let (mut decoder, mut used) = (null_mut(), 0);
    let mut out = vec![0; len];
    // SAFETY: codec_zlib_rs_decoder_new/Ownership: it is ours until it is
    // freed. codec_zlib_rs_decompress/Ownership: all of it is borrowed.
    unsafe {
        let answer = codec_zlib_rs_decoder_new(&raw mut decoder);
        assert_eq!(answer, Answer::Ok);
        let answer = codec_zlib_rs_decompress(
            decoder.as_mut(),
            stream.as_ptr().cast(),
            stream.len(),
            out.as_mut_ptr().cast(),
            out.len(),
            &raw mut used,
        );
        codec_zlib_rs_decoder_free(Some(Box::from_raw(decoder)));
        (answer, out, used)
    }
}

#[test]
fn what_is_compressed_comes_back() {
    for len in [0, 1, 70_000] {
        let data: Vec<u8> = (0..len)
            .map(|at: usize| u8::try_from(at / 3 % 251).unwrap())
            .collect();
        for level in [-1, 1, 9] {
            let (answer, stream) = pack(level, &data, len + 100);
            assert_eq!(answer, Answer::Ok);
            let whole = (Answer::Ok, data.clone(), stream.len());
            assert!(unpack(&stream, len) == whole, "{len}, level {level}");
        }
    }
}

#[test]
fn what_is_wrong_is_a_code() {
    let data = [7; 1000];
    assert_eq!(pack(6, &data, 3), (Answer::NoRoom, vec![]));
    let (_, stream) = pack(6, &data, 1000);
    assert_eq!(unpack(&stream, 999).0, Answer::Corrupt);
    assert_eq!(unpack(&[0xff; 20], 1000).0, Answer::Corrupt);

    let (mut encoder, mut made) = (null_mut(), 7);
    for level in [-2, 0, 10] {
        // SAFETY: codec_zlib_rs_encoder_new/Errors: it fails.
        let answer =
            unsafe { codec_zlib_rs_encoder_new(level, &raw mut encoder) };
        assert_eq!((answer, encoder), (Answer::Invalid, null_mut()));
    }
    // SAFETY: codec_zlib_rs_compress/Errors: each argument is NULL in turn, or
    // a length is too much, and nothing is used then.
    // codec_zlib_rs_encoder_new/Ownership: it is ours until it is freed.
    unsafe {
        assert_eq!(codec_zlib_rs_encoder_new(6, null_mut()), Answer::Invalid);
        codec_zlib_rs_encoder_new(6, &raw mut encoder);
        let (from, mut room) = (data.as_ptr().cast(), [0_u8; 10]);
        let to = room.as_mut_ptr().cast();
        let most = CODEC_ZLIB_RS_LEN_MAX;
        for (used, from, len, to, room, made) in [
            (false, from, 9, to, 10, &raw mut made),
            (true, null(), 9, to, 10, &raw mut made),
            (true, from, most + 1, to, 10, &raw mut made),
            (true, from, 9, null_mut(), 10, &raw mut made),
            (true, from, 9, to, most + 1, &raw mut made),
            (true, from, 9, to, 10, null_mut()),
        ] {
            let encoder = if used { encoder.as_mut() } else { None };
            let answer =
                codec_zlib_rs_compress(encoder, from, len, to, room, made);
            assert_eq!(answer, Answer::Invalid);
        }
        codec_zlib_rs_encoder_free(Some(Box::from_raw(encoder)));
    }
    assert_eq!(made, 7);
    codec_zlib_rs_encoder_free(None);
    codec_zlib_rs_decoder_free(None);
}

#[test]
fn its_version_is_the_codecs() {
    // SAFETY: codec_zlib_rs_version/Lifetime: the library stays.
    let version = unsafe { CStr::from_ptr(codec_zlib_rs_version()) };
    assert_eq!(version, c"0.6.8");
    assert!(!codec_zlib_rs_functions().is_null());
}
