// SPDX-License-Identifier: MIT OR Apache-2.0
//! Codecs: built in, loaded from a plugin in C, and written in Rust.

mod common;

use std::env;
use std::ffi::CStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;

use common::{pack, text};
use sgz::{
    BlockCodec, Codec, CodecError, Decode, Encode, Error, Levels, Options,
    Pool, Status,
};

fn read(options: &Options, file: &[u8]) -> Result<Vec<u8>, Error> {
    let mut data = vec![];
    let mut reader = options.open_slice(file)?;
    match reader.read_to_end(&mut data) {
        Ok(_) => Ok(data),
        Err(error) => Err(Error::from(error)),
    }
}

fn write(options: &Options, data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut file = vec![];
    let mut writer = options.create_sink(&mut file)?;
    writer.write_all(data).map_err(Error::from)?;
    writer.finish()?;
    Ok(file)
}

/// The error says that `codec` is to blame.
fn blames(codec: &str, error: &Error) {
    assert_eq!(error.status(), Status::Callback, "{error}");
    let wanted = format!("the codec {codec} is wrong");
    assert!(error.to_string().contains(&wanted), "{error}");
}

/// One stored deflate block, or the end marker's.
struct Stored;

struct Coder;

impl BlockCodec for Stored {
    const NAME: &'static CStr = c"stored-rs";
    const VERSION: &'static CStr = c"1";
    const LEVELS: Levels = Levels {
        least: 1,
        default: 2,
        most: 3,
    };
    type Encoder = Coder;
    type Decoder = Coder;

    fn encoder(level: i32) -> Result<Coder, CodecError> {
        assert!((1..=3).contains(&level));
        Ok(Coder)
    }

    fn decoder() -> Result<Coder, CodecError> {
        Ok(Coder)
    }
}

impl Encode for Coder {
    fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        assert!(output.iter().all(|byte| *byte == 0));
        let len = u16::try_from(input.len()).map_err(|_| CodecError::NoRoom)?;
        let size = input.len() + 5;
        let to = output.get_mut(..size).ok_or(CodecError::NoRoom)?;
        to[0] = 1;
        to[1..3].copy_from_slice(&len.to_le_bytes());
        to[3..5].copy_from_slice(&(!len).to_le_bytes());
        to[5..].copy_from_slice(input);
        Ok(size)
    }
}

impl Decode for Coder {
    fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        if output.is_empty() && input.starts_with(&[3, 0]) {
            return Ok(2);
        }
        let size = output.len() + 5;
        if input[0] != 1 || input.len() < size {
            return Err(CodecError::Corrupt);
        }
        output.copy_from_slice(&input[5..size]);
        Ok(size)
    }
}

#[test]
fn the_first_of_those_built_in_is_the_default() -> Result<(), Error> {
    let names: Vec<_> = Codec::built_in().collect();
    assert!(names.contains(&"zlib"));
    let text = text(200_000);
    let default = pack(&Options::new(), &text);
    for (at, name) in names.iter().enumerate() {
        let codec = Codec::load(name)?;
        assert_eq!(codec.name(), *name);
        assert!(!codec.version().is_empty());
        let file = pack(&Options::new().codec(&codec), &text);
        assert_eq!(file == default, at == 0, "{name}");
        assert!(read(&Options::new().codec(&codec), &default)? == text);
    }
    Ok(())
}

/// The risk: a codec goes while a reader or writer uses it. The clause:
/// `sgz_codec_unref`, they hold references of their own.
#[test]
fn a_codec_in_rust_round_trips_and_outlives_its_handle() -> Result<(), Error> {
    let text = text(300_000);
    for threads in [1, 3] {
        let pool = Pool::new(threads)?;
        let codec = Codec::new::<Stored>()?;
        assert_eq!(
            format!("{codec:?}"),
            "Codec { name: \"stored-rs\", version: \"1\" }"
        );
        let options = Options::new().pool(&pool).codec(&codec.clone());
        drop(codec);
        for level in [-1, 1, 9] {
            let file = pack(&options.clone().level(level), &text);
            assert!(file.len() > text.len());
            assert!(read(&options, &file)? == text);
            assert!(read(&Options::new(), &file)? == text);
        }
        // What it cannot unpack, zlib can.
        let other = pack(&Options::new(), &text);
        blames("stored-rs", &read(&options, &other).unwrap_err());
    }
    Ok(())
}

#[test]
fn what_is_no_codec_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("text.so");
    let status = |name: &Path| Codec::load(name).unwrap_err().status();
    assert_eq!(status(&path), Status::Io);
    std::fs::write(&path, "a text").expect("writes");
    assert_eq!(status(&path), Status::Unsupported);
    let error = Codec::load(&path).unwrap_err().to_string();
    assert!(error.contains("text.so"), "{error}");
    assert_eq!(status(Path::new("")), Status::Invalid);
    assert_eq!(status(Path::new("a\0b")), Status::Invalid);
    assert_eq!(status(Path::new("no-such-codec")), Status::Io);
    assert!(Codec::folder().is_absolute());
}

struct BadName;

impl BlockCodec for BadName {
    const NAME: &'static CStr = c"two words";
    const VERSION: &'static CStr = c"1";
    const LEVELS: Levels = Stored::LEVELS;
    type Encoder = Coder;
    type Decoder = Coder;

    fn encoder(_: i32) -> Result<Coder, CodecError> {
        Ok(Coder)
    }

    fn decoder() -> Result<Coder, CodecError> {
        Ok(Coder)
    }
}

#[test]
fn a_codec_in_rust_is_checked_too() {
    let error = Codec::new::<BadName>().unwrap_err();
    assert_eq!(error.status(), Status::Unsupported);
}

/// What [`Wicked`] does now; tests that use it are one test.
static MODE: AtomicI32 = AtomicI32::new(0);
/// Its encoders and decoders that were not dropped.
static LIVE: AtomicUsize = AtomicUsize::new(0);

const MODES: [&str; 9] = [
    "honest",
    "new panics",
    "new fails",
    "pack panics",
    "pack lies",
    "unpack panics",
    "unpack lies",
    "unpack changes a byte",
    "drop panics",
];

fn is(mode: &str) -> bool {
    let at = usize::try_from(MODE.load(SeqCst)).expect("an index");
    MODES[at] == mode
}

struct Wicked;

struct WickedCoder(Coder);

/// A panic's payload whose drop panics, too.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        // it is forgotten, so it must not own memory
        std::panic::panic_any(());
    }
}

impl WickedCoder {
    fn new() -> Result<Self, CodecError> {
        if is("new panics") {
            std::panic::panic_any(Bomb);
        }
        if is("new fails") {
            return Err(CodecError::Broken);
        }
        LIVE.fetch_add(1, SeqCst);
        Ok(Self(Coder))
    }
}

impl Drop for WickedCoder {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, SeqCst);
        if is("drop panics") {
            std::panic::panic_any(Bomb);
        }
    }
}

impl BlockCodec for Wicked {
    const NAME: &'static CStr = c"wicked";
    const VERSION: &'static CStr = c"1";
    const LEVELS: Levels = Stored::LEVELS;
    type Encoder = WickedCoder;
    type Decoder = WickedCoder;

    fn encoder(_: i32) -> Result<WickedCoder, CodecError> {
        WickedCoder::new()
    }

    fn decoder() -> Result<WickedCoder, CodecError> {
        WickedCoder::new()
    }
}

impl Encode for WickedCoder {
    fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        if is("pack panics") {
            std::panic::panic_any(Bomb);
        }
        let size = self.0.compress(input, output);
        if is("pack lies") {
            return Ok(usize::MAX);
        }
        size
    }
}

impl Decode for WickedCoder {
    fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        if is("unpack panics") {
            std::panic::panic_any(Bomb);
        }
        let size = self.0.decompress(input, output)?;
        if let (true, Some(byte)) =
            (is("unpack changes a byte"), output.first_mut())
        {
            *byte ^= 1;
        }
        Ok(if is("unpack lies") { size + 1 } else { size })
    }
}

/// The risk: a codec panics in a thread of C, or lies. The clauses:
/// `sgz_codec_vtable.compress_block`/Errors and `decompress_block`/Errors. The
/// expectation: an error that names it, nothing left, no abort.
#[test]
fn panics_and_lies_are_errors() -> Result<(), Error> {
    std::panic::set_hook(Box::new(|_| {}));
    let text = text(300_000);
    let codec = Codec::new::<Wicked>()?;
    let good = pack(&Options::new().codec(&codec), &text);
    for threads in [1, 3] {
        let options = Options::new().codec(&codec).pool(&Pool::new(threads)?);
        for (at, mode) in (0..).zip(MODES) {
            MODE.store(at, SeqCst);
            let written = write(&options, &text);
            let back = read(&options, &good);
            match mode {
                "honest" | "drop panics" => {
                    assert!(written? == good);
                    assert!(back? == text);
                }
                "new panics" | "new fails" => {
                    for result in [written, back] {
                        let error = result.unwrap_err();
                        assert_eq!(error.status(), Status::NoMemory);
                    }
                }
                "pack panics" | "pack lies" => {
                    blames("wicked", &written.unwrap_err());
                    assert!(back? == text);
                }
                _ => {
                    assert!(written? == good);
                    blames("wicked", &back.unwrap_err());
                }
            }
            assert_eq!(LIVE.load(SeqCst), 0, "{mode}");
        }
    }
    let _ = std::panic::take_hook();
    Ok(())
}

/// A codec that reads and writes files itself, with the pool of its caller.
struct Nested;

fn nested_pool() -> &'static Mutex<Option<Pool>> {
    static POOL: Mutex<Option<Pool>> = Mutex::new(None);
    &POOL
}

/// Calls the library, as the codec of a block should not.
fn use_the_library() {
    let pool = nested_pool().lock().unwrap().clone().expect("a pool");
    let options = Options::new().level(1).block_size(1000).pool(&pool);
    let text = text(20_000);
    let file = pack(&options, &text);
    assert!(read(&options, &file).unwrap() == text);
}

struct NestedCoder(Coder);

impl BlockCodec for Nested {
    const NAME: &'static CStr = c"nested";
    const VERSION: &'static CStr = c"1";
    const LEVELS: Levels = Stored::LEVELS;
    type Encoder = NestedCoder;
    type Decoder = NestedCoder;

    fn encoder(_: i32) -> Result<NestedCoder, CodecError> {
        use_the_library();
        Ok(NestedCoder(Coder))
    }

    fn decoder() -> Result<NestedCoder, CodecError> {
        use_the_library();
        Ok(NestedCoder(Coder))
    }
}

impl Encode for NestedCoder {
    fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        use_the_library();
        self.0.compress(input, output)
    }
}

impl Decode for NestedCoder {
    fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        use_the_library();
        self.0.decompress(input, output)
    }
}

impl Drop for NestedCoder {
    fn drop(&mut self) {
        use_the_library();
    }
}

/// The clauses ask codecs not to call the library. Safe Rust cannot be kept from
/// it, so it has to be harmless, also with the pool of the handle that calls.
#[test]
fn a_codec_that_calls_the_library_harms_nobody() -> Result<(), Error> {
    let codec = Codec::new::<Nested>()?;
    let text = text(300_000);
    for threads in [1, 2, 3] {
        let pool = Pool::new(threads)?;
        *nested_pool().lock().unwrap() = Some(pool.clone());
        let options = Options::new().codec(&codec).pool(&pool);
        let file = write(&options, &text)?;
        assert!(read(&options, &file)? == text);
        assert!(read(&Options::new(), &file)? == text);
    }
    *nested_pool().lock().unwrap() = None;
    Ok(())
}

/// The plugins in C: one that is compiled here, and those that `SGZ_TEST_CODECS`
/// names. They make each other's bytes, and zlib reads them.
#[test]
fn plugins_in_c_are_loaded() -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = tempfile::tempdir().expect("a folder");
    let built = folder.path().join("whole.so");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let status = Command::new(compiler)
        .args(["-shared", "-fPIC", "-std=c11", "-I"])
        .arg(root.join("csrc/include"))
        .arg("-o")
        .arg(&built)
        .arg(root.join("tests/codecs/plugin.c"))
        .status()
        .expect("a C compiler");
    assert!(status.success());
    let named = env::var_os("SGZ_TEST_CODECS").unwrap_or_default();
    // `SGZ_TEST_BYTES=200000000` is the long run.
    let len = env::var("SGZ_TEST_BYTES")
        .map_or(2_000_000, |bytes| bytes.parse().expect("a number"));
    let text = text(len);
    let paths = env::split_paths(&named).chain([built]);
    for path in paths.filter(|path| path != Path::new("")) {
        let codec = Codec::load(&path)?;
        // It stays without its file.
        if path.starts_with(folder.path()) {
            std::fs::remove_file(&path).expect("removes");
        }
        for threads in [1, 2] {
            let pool = Pool::new(threads)?;
            let options = Options::new().codec(&codec).pool(&pool);
            let file = pack(&options, &text);
            assert!(read(&options, &file)? == text, "{codec:?}");
            assert!(read(&Options::new(), &file)? == text, "{codec:?}");
            check_by_bgzip(folder.path(), &file, &text);
        }
    }
    Ok(())
}

/// `bgzip`, where it is installed, makes `text` of `file`.
fn check_by_bgzip(folder: &Path, file: &[u8], text: &[u8]) {
    let path = folder.join("out.gz");
    std::fs::write(&path, file).expect("writes");
    match Command::new("bgzip").arg("-dc").arg(&path).output() {
        Ok(out) => assert!(out.status.success() && out.stdout == text),
        Err(why) => println!("not run: bgzip: {why}"),
    }
}

/// Compiles the plugin in Rust of lesson 16.
fn plugin_in_rust(folder: &Path, name: &str, drops: bool) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = folder.join(name);
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(compiler)
        .args(["--edition", "2024", "--crate-type", "cdylib", "-O"])
        .args(["--check-cfg", "cfg(plain)"])
        .args((!drops).then_some(["--cfg", "plain"]).into_iter().flatten())
        .arg("-o")
        .arg(&path)
        .arg(root.join("lessons/16-plugins/plugins/plugin_rs.rs"))
        .status()
        .expect("rustc");
    assert!(status.success());
    path
}

/// Does this process have a mapping of the file?
fn is_mapped(path: &Path) -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("reads");
    let path = path.canonicalize().expect("it is there");
    let path = path.to_str().expect("a text");
    maps.lines().any(|line| line.ends_with(path))
}

/// Compresses with the plugin on a thread, and gives up the codec. Whether it
/// was mapped while the thread lived, and when it had ended.
fn unload(path: &Path, thread_ends_first: bool) -> Result<[bool; 2], Error> {
    let codec = Codec::load(path)?;
    let options = Options::new().codec(&codec);
    drop(codec);
    assert!(is_mapped(path));
    let (used, was_used) = mpsc::channel();
    let (end, may_end) = mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        let text = text(1000);
        let file = write(&options, &text);
        let same = file.and_then(|file| read(&Options::new(), &file));
        let same = same.is_ok_and(|back| back == text);
        // the last reference goes here, or when the thread has ended
        let options = if thread_ends_first {
            Some(options)
        } else {
            drop(options);
            None
        };
        used.send(same).expect("the test waits");
        let _ = may_end.recv();
        options
    });
    assert!(was_used.recv().expect("the thread lives"));
    let while_it_lived = is_mapped(path);
    drop(end);
    drop(thread.join().expect("no panic"));
    Ok([while_it_lived, is_mapped(path)])
}

/// The risk: code goes that the end of a thread still calls. The clause:
/// `sgz_codec_unref`/Lifetime, and what it says of a destructor. The
/// expectation: a thread that lives keeps such a plugin, and it stays when the
/// thread has ended; nothing else keeps a plugin.
#[test]
fn a_destructor_of_a_threads_data_keeps_its_plugin() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = plugin_in_rust(folder.path(), "plain.so", false);
    let drops = plugin_in_rust(folder.path(), "drops.so", true);

    assert_eq!(unload(&plain, false)?, [false, false]);
    assert_eq!(unload(&drops, false)?, [true, true]);
    // its mark is gone: the next to unload it does so
    drop(Codec::load(&drops)?);
    assert!(!is_mapped(&drops));
    // a thread that ended before does not keep it
    assert_eq!(unload(&plain, true)?, [true, false]);
    assert_eq!(unload(&drops, true)?, [true, false]);
    Ok(())
}
