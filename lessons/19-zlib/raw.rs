// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 19, zlib: a large C library with many rules.
//!
//! What C has as macros and callbacks is in `lanes/raw/zstream.rs`.

#![allow(clippy::cast_possible_truncation, reason = "at most ROOM bytes")]
#![allow(clippy::cast_possible_wrap, reason = "the same")]

use core::ffi::{c_int, c_uint};
use std::ptr::null;

use super::prelude::*;
use super::zlib::*;

const MOST: usize = 1 << 16; // bytes of the file that are used
const ROOM: usize = MOST + 1024; // enough for them, compressed or not

/// A dictionary: what both sides know before the first byte.
const WORDS: &[u8] = b"the of and to in is that it was for\0";

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = &input.data()[..input.data().len().min(MOST)];
    let len = data.len();
    let (mut packed, mut text) = (vec![0_u8; ROOM], vec![0_u8; ROOM]);
    let (words, size) = (WORDS.as_ptr(), WORDS.len() as uInt);
    let mut stream = stream_init();
    let strm = &raw mut stream; // and nobody touches `stream` from here on
    // SAFETY: deflate_init/Safety: strm owns nothing, and stays where it is.
    // lend/Safety: the buffers live until the end. zlib deflateEnd and
    // inflateEnd: each stream is ended once, by the call that fits. zlib
    // gzread: the room is as long as said. zlib gzprintf: %d is a c_int. One
    // block, because nearly every line is a call of zlib's.
    unsafe {
        rec.step("deflate");
        rec.int("init", deflate_init(strm));
        rec.int("deflate", deflate_all(strm, data, &mut packed));
        let made = (*strm).total_out as usize;
        rec.bytes("packed", &packed[..made]);
        rec.int("adler", (*strm).adler);
        rec.int("end", deflateEnd(strm));

        rec.step("inflate");
        let (mut calls, mut last, mut crc) = (0, Z_OK, crc32(0, null(), 0));
        *strm = stream_init();
        rec.int("init", inflate_init(strm));
        lend(strm, &packed[..made], &mut []);
        while last == Z_OK {
            (*strm).next_out = text.as_mut_ptr();
            (*strm).avail_out = 512;
            last = inflate(strm, Z_NO_FLUSH);
            crc = crc32(crc, text.as_ptr(), 512 - (*strm).avail_out);
            calls += 1;
        }
        rec.int("last", last);
        rec.int("calls", calls);
        rec.int("bytes", (*strm).total_out);
        rec.int("crc", crc);
        rec.int("end", inflateEnd(strm));

        rec.step("a damaged stream");
        packed[made - 1] ^= 1; // of the Adler-32
        inflate_init(strm);
        rec.int("inflate", inflate_all(strm, &packed[..made], &mut text));
        record_text(rec, "text", (*strm).msg); // zlib's constant: not freed
        inflateEnd(strm);

        rec.step("a dictionary");
        deflate_init(strm);
        rec.int("set", deflateSetDictionary(strm, words, size));
        rec.int("deflate", deflate_all(strm, data, &mut packed));
        let made = (*strm).total_out as usize;
        deflateEnd(strm);
        inflate_init(strm);
        rec.int("inflate", inflate_all(strm, &packed[..made], &mut text));
        rec.int("asks for", (*strm).adler); // it asks
        rec.int("another", inflateSetDictionary(strm, words, 3));
        rec.int("the right one", inflateSetDictionary(strm, words, size));
        rec.int("again", inflate(strm, Z_NO_FLUSH));
        rec.bytes("text", &text[..(*strm).total_out as usize]);
        inflateEnd(strm);

        rec.step("a copy");
        let mut second = stream_init();
        let copy = &raw mut second;
        deflate_init(strm);
        lend(strm, &data[..len / 2], &mut packed);
        deflate(strm, Z_SYNC_FLUSH);
        rec.int("copy", deflateCopy(copy, strm)); // with its memory
        rec.int("one", deflate_all(strm, &data[len / 2..], &mut packed));
        rec.bytes("its end", &packed[..ROOM - (*strm).avail_out as usize]);
        rec.int("the other", deflate_all(copy, &[], &mut packed));
        rec.bytes("another end", &packed[..ROOM - (*copy).avail_out as usize]);
        rec.int("end of one", deflateEnd(strm));
        rec.int("end of the other", deflateEnd(copy));

        rec.step("a moved stream");
        deflate_init(strm);
        let mut elsewhere = *strm; // but zlib's state points to strm
        let moved = &raw mut elsewhere;
        rec.int("deflate", deflate_all(moved, data, &mut packed));
        rec.int("end of the moved", deflateEnd(moved));
        rec.int("end", deflateEnd(strm));

        rec.step("another end call");
        deflate_init(strm);
        rec.int("inflateEnd", inflateEnd(strm)); // frees nothing
        rec.int("end", deflateEnd(strm));

        rec.step("callbacks");
        raw_deflate_init(strm);
        deflate_all(strm, data, &mut packed);
        let made = (*strm).total_out as usize; // and 4 bytes of something else
        deflateEnd(strm);
        let mut window = vec![0_u8; 1 << MAX_WBITS];
        let mut ends = Ends::of(&packed[..made + 4]);
        let desc = (&raw mut ends).cast();
        rec.int("init", back_init(strm, &mut window));
        let rc = inflateBack(strm, Some(give), desc, Some(take), desc);
        rec.int("inflateBack", rc);
        rec.int("left", (*strm).avail_in as usize + ends.input.len());
        rec.int("end", inflateBackEnd(strm)); // not inflateEnd()
        rec.int("reads", ends.reads);
        rec.int("writes", ends.writes);
        rec.int("bytes", ends.bytes);
        rec.int("crc", ends.crc);

        rec.step("an allocator");
        let mut granted = Granted::default();
        let (mut refused, mut lost, mut rc) = (-1, 0, Z_MEM_ERROR);
        while rc == Z_MEM_ERROR {
            lost += granted.allocs - granted.frees;
            refused += 1;
            granted = Granted::new(refused);
            granted.put_into(strm); // and lives as long as it
            rc = deflate_init(strm);
        }
        rec.int("init", rc);
        rec.int("refused", refused);
        rec.int("lost", lost);
        rec.int("bytes", granted.bytes);
        rec.int("end", deflateEnd(strm));
        rec.int("live", granted.allocs - granted.frees);

        rec.step("a gzip file");
        let file = gzopen(c"t.gz".as_ptr(), c"wb".as_ptr());
        rec.int("written", gzwrite(file, data.as_ptr().cast(), len as c_uint));
        let format = c"%d bytes\n".as_ptr();
        rec.int("printed", gzprintf(file, format, len as c_int));
        rec.int("position", gztell(file));
        rec.int("close", gzclose(file)); // frees it, and can fail
        let file = gzopen(c"t.gz".as_ptr(), c"rb".as_ptr());
        rec.int("read", gzread(file, text.as_mut_ptr().cast(), ROOM as c_uint));
        rec.int("close", gzclose(file));
        let file = gzopen(c"none.gz".as_ptr(), c"rb".as_ptr());
        let errno = std::io::Error::last_os_error().raw_os_error();
        rec.int("errno", if file.is_null() { errno.unwrap_or(0) } else { 0 });
    }
}
