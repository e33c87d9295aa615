// SPDX-License-Identifier: MIT OR Apache-2.0
//! The codec as a crate, under the safe wrapper, against zlib in C.

use std::env;
use std::io::{Read, Write};

use codec_zlib_rs::ZlibRs;
use sgz::{Codec, CodecError, Options, Pool};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Text with noise in it. `SGZ_TEST_BYTES=200000000` is the long run.
fn data() -> Vec<u8> {
    let len = env::var("SGZ_TEST_BYTES")
        .map_or(1_200_000, |bytes| bytes.parse().expect("a number"));
    let mut state = 1_u32;
    let mut data = Vec::with_capacity(len);
    while data.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // A part of it cannot be made smaller.
        let noise = data.len() % 1_000_000 < 150_000;
        let byte = (state >> 24) as u8;
        data.push(if noise { byte } else { b'a' + byte % 16 });
    }
    data
}

fn pack(options: &Options, data: &[u8]) -> Result<Vec<u8>> {
    let mut file = vec![];
    let mut writer = options.create_sink(&mut file)?;
    writer.write_all(data)?;
    writer.finish()?;
    Ok(file)
}

fn unpack(options: &Options, file: &[u8]) -> Result<Vec<u8>> {
    let mut data = vec![];
    options.open_slice(file)?.read_to_end(&mut data)?;
    Ok(data)
}

#[test]
fn it_reads_and_is_read_with_any_number_of_threads() -> Result {
    let data = data();
    let zlib = Options::new().codec(&Codec::load("zlib")?);
    let by_zlib = pack(&zlib, &data)?;
    let codec = Codec::new::<ZlibRs>()?;
    assert_eq!((codec.name(), codec.version()), ("zlib-rs", "0.6.8"));
    for threads in [1, 3] {
        let options = Options::new().codec(&codec).pool(&Pool::new(threads)?);
        let file = pack(&options, &data)?;
        assert!(file.len() < data.len());
        assert!(unpack(&options, &file)? == data);
        assert!(unpack(&zlib, &file)? == data);
        assert!(unpack(&options, &by_zlib)? == data);
    }
    Ok(())
}

#[test]
fn each_level_is_zlibs() -> Result {
    let data = &data()[..200_000];
    let codec = Codec::new::<ZlibRs>()?;
    for level in -1..=12 {
        let options = Options::new().codec(&codec).level(level);
        let file = pack(&options, data)?;
        assert!(unpack(&Options::new(), &file)? == data, "level {level}");
    }
    Ok(())
}

#[test]
fn another_length_is_corrupt() -> Result {
    use sgz::{BlockCodec, Decode, Encode};

    let data = &data()[200_000..230_000];
    let mut stream = vec![0; 60_000];
    let mut back = vec![0; 30_001];
    let mut encoder = ZlibRs::encoder(6)?;
    let mut decoder = ZlibRs::decoder()?;
    let size = encoder.compress(data, &mut stream)?;
    let stream = &stream[..size + 8];
    for wrong in [0, 29_999, 30_001] {
        let result = decoder.decompress(stream, &mut back[..wrong]);
        assert_eq!(result, Err(CodecError::Corrupt), "{wrong}");
    }
    assert_eq!(decoder.decompress(stream, &mut back[..30_000]), Ok(size));
    assert!(back[..30_000] == *data);
    let mut room = vec![0; size - 1];
    assert_eq!(encoder.compress(data, &mut room), Err(CodecError::NoRoom));
    Ok(())
}

/// The risk: zlib-rs keeps what did not fit, block after block, and panics.
#[test]
fn a_block_that_does_not_fit_leaves_nothing_behind() -> Result {
    use sgz::{BlockCodec, Encode};

    let noise = &data()[..60_000];
    let mut stream = vec![0; 65_000];
    let mut encoder = ZlibRs::encoder(1)?;
    for _ in 0..20 {
        let room = &mut stream[..30_000];
        assert_eq!(encoder.compress(noise, room), Err(CodecError::NoRoom));
    }
    assert!(encoder.compress(noise, &mut stream)? > 30_000);
    Ok(())
}
