// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several panics in one call: of a stream, of its drop, of an observer, of
//! an error's drop, and of what the panics themselves carry.
//!
//! The risk: a second panic during an unwinding aborts the process, hides the
//! first, or loses what C has handed out. The expectation: the first panic
//! arrives, C has freed everything, and every Rust value was dropped.

mod common;

use std::fmt;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow::Continue;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use common::{Drops, Guard, bgzf, gzip, text};
use sgz::{
    Buffer, EventMask, Format, Index, Meter, Options, Reader, Result, Writer,
};

/// Where panics are noted, in order, and all that may panic is counted.
#[derive(Clone, Default)]
struct Scene {
    panics: Arc<Mutex<Vec<&'static str>>>,
    made: Drops,
    dropped: Drops,
    /// Whether streams and observers misbehave yet.
    armed: Arc<AtomicBool>,
    /// Whether streams fail rather than panic.
    fails: bool,
    /// Whether what a panic carries may be dropped like anything else.
    mild: bool,
    meter: Meter,
}

impl Scene {
    fn guard(&self) -> Guard {
        drop(self.made.guard());
        self.dropped.guard()
    }

    fn panic(&self, what: &'static str) -> ! {
        self.noted().push(what);
        panic_any(Payload {
            what,
            defused: self.mild,
            _guard: self.guard(),
        })
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Vec<&'static str>> {
        self.panics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arm(&self) {
        self.armed.store(true, SeqCst);
    }

    fn options(&self) -> Options {
        Options::new().meter(&self.meter).read_size(100)
    }

    /// Something whose drop panics.
    fn mine(&self, what: &'static str) -> Mine {
        Mine {
            what,
            scene: self.clone(),
            _guard: self.guard(),
        }
    }

    fn stream<S>(&self, inner: S) -> Stream<S> {
        Stream {
            inner,
            mine: self.mine("drop of the stream"),
        }
    }

    /// Runs `act`, and checks what is left of it.
    fn run<T>(&self, name: &str, act: impl FnOnce() -> T) {
        println!("{name}"); // shown if what follows aborts
        let got = caught(act);
        let noted = self.noted().clone();
        match got {
            // the caller's own error, to be dropped by the caller
            Ok(value) => {
                let _ = caught(|| drop(value));
            }
            Err(what) => assert_eq!(what, noted[0], "{name}: {noted:?}"),
        }
        let noted = noted.len();
        assert!(noted > 0 || self.fails, "{name}: nothing panicked");
        assert_eq!(self.meter.live(), 0, "{name}: blocks of the library");
        assert_eq!(self.made.count(), self.dropped.count(), "{name}");
    }
}

/// What `act` gives, or panics with.
fn caught<T>(act: impl FnOnce() -> T) -> std::result::Result<T, &'static str> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|payload| {
        let mut payload: Box<Payload> = payload.downcast().expect("ours");
        payload.defused = true;
        payload.what
    })
}

/// What the panics here carry: its drop panics, until a test has caught it.
struct Payload {
    what: &'static str,
    defused: bool,
    _guard: Guard,
}

impl Drop for Payload {
    fn drop(&mut self) {
        assert!(self.defused, "the payload of: {}", self.what);
    }
}

struct Mine {
    what: &'static str,
    scene: Scene,
    _guard: Guard,
}

impl Drop for Mine {
    fn drop(&mut self) {
        self.scene.panic(self.what);
    }
}

impl fmt::Debug for Mine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl fmt::Display for Mine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl std::error::Error for Mine {}

struct Stream<S> {
    inner: S,
    mine: Mine,
}

impl<S> Stream<S> {
    fn step(&self, what: &'static str) -> io::Result<()> {
        let scene = &self.mine.scene;
        if !scene.armed.load(SeqCst) {
            return Ok(());
        }
        if scene.fails {
            return Err(io::Error::other(scene.mine("drop of an error")));
        }
        scene.panic(what)
    }
}

impl<S: Read> Read for Stream<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.step("read")?;
        self.inner.read(buf)
    }
}

impl<S: Seek> Seek for Stream<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.step("seek")?;
        self.inner.seek(to)
    }
}

impl<S: Write> Write for Stream<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.step("write")?;
        self.inner.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.step("flush")?;
        self.inner.flush()
    }
}

/// A closure whose call panics once the scene is armed, and whose drop does.
fn watch(
    scene: &Scene,
) -> impl FnMut(&sgz::Event<'_>) -> std::ops::ControlFlow<i32> + Send + use<> {
    let mine = scene.mine("drop of the closure");
    move |_| {
        if mine.scene.armed.load(SeqCst) {
            mine.scene.panic("event");
        }
        Continue(())
    }
}

/// Streams panic, or fail; what a panic carries panics, or does not.
fn scenes() -> [Scene; 4] {
    let all = [(false, true), (false, false), (true, true), (true, false)];
    all.map(|(fails, mild)| Scene {
        fails,
        mild,
        ..Scene::default()
    })
}

type UseReader = fn(&mut Reader<'_>) -> Result<()>;
type UseWriter = fn(&mut Writer<'_>) -> Result<()>;

/// Every call on a reader that may run a caller's code.
const READS: &[(&str, UseReader)] = &[
    ("read", |r| r.read_bytes(&mut [0; 9000]).map(drop)),
    ("peek", |r| {
        r.read_bytes(&mut [0; 10])?;
        while let Some(line) = r.peek()?.len().checked_sub(1) {
            std::io::BufRead::consume(r, line + 1);
        }
        Ok(())
    }),
    ("read_line_into", |r| {
        let mut line = Buffer::new();
        while r.read_line_into(b'\n', &mut line)? > 0 {}
        Ok(())
    }),
    ("next_line", |r| {
        while r.next_line(b'\n')?.is_some() {}
        Ok(())
    }),
    ("borrowed_lines", |r| {
        let mut lines = r.borrowed_lines(b'\n');
        while let Some(line) = lines.next() {
            line?;
        }
        Ok(())
    }),
    ("size", |r| r.size().map(drop)),
    ("seek", |r| r.seek_to(5000)),
    ("set_index", |r| {
        r.set_index(Some(&Index::from_entries(&[sgz::Entry::default()])?))
    }),
    ("build_index", |r| r.build_index(false).map(drop)),
    ("build_index, verified", |r| r.build_index(true).map(drop)),
    ("unobserve", |r| r.unobserve()),
    ("drop", |_| Ok(())),
];

/// The same of a writer.
const WRITES: &[(&str, UseWriter)] = &[
    ("write", |w| w.write_bytes(&text(3_000_000))),
    ("flush", |w| {
        w.write_bytes(b"x")?;
        w.flush_block()
    }),
    ("unobserve", |w| w.unobserve()),
    ("drop", |_| Ok(())),
];

#[test]
fn the_first_panic_of_a_reader_arrives() {
    let file = bgzf(&text(9000));
    for (name, act) in READS {
        for scene in scenes() {
            scene.run(name, || {
                let stream = scene.stream(Cursor::new(&file));
                let mut reader = scene.options().open_source(stream)?;
                scene.arm();
                // the reader keeps the error, too, and drops it last
                drop(act(&mut reader));
                Ok::<_, sgz::Error>(())
            });
        }
    }
}

#[test]
fn the_first_panic_of_a_writer_arrives() {
    for (name, act) in WRITES {
        for scene in scenes() {
            scene.run(name, || {
                let stream = scene.stream(io::sink());
                let options = scene.options().level(0).build_index(true);
                let mut writer = options.create_sink(stream)?;
                scene.arm();
                drop(act(&mut writer));
                Ok::<_, sgz::Error>(())
            });
        }
    }
}

#[test]
fn the_first_panic_of_an_observer_arrives() {
    let file = bgzf(&text(9000));
    for (name, act) in READS {
        let scene = Scene::default();
        scene.run(name, || {
            let mut reader = scene.options().open_slice(&file)?;
            reader.observe(EventMask::ALL, watch(&scene))?;
            scene.arm();
            act(&mut reader)
        });
    }
    for (name, act) in WRITES {
        let scene = Scene::default();
        scene.run(name, || {
            let stream = scene.stream(io::sink());
            let mut writer = scene.options().create_sink(stream)?;
            writer.observe(EventMask::ALL, watch(&scene))?;
            scene.arm();
            act(&mut writer)
        });
    }
}

/// A stream, an observer and an error at once, and the ends that say so.
#[test]
fn the_first_panic_of_an_end_arrives() {
    let file = gzip(&text(9000));
    for scene in scenes() {
        scene.run("close", || {
            let stream = scene.stream(&file[..]);
            let mut reader = scene.options().open_stream(stream)?;
            reader.observe(EventMask::ALL, watch(&scene))?;
            reader.observe(EventMask::ALL, |_| Continue(()))
        });
        scene.noted().clear();
        scene.run("close, observed", || {
            let stream = scene.stream(&file[..]);
            let mut reader = scene.options().open_stream(stream)?;
            reader.observe(EventMask::ALL, watch(&scene))?;
            scene.arm();
            drop(reader.read_bytes(&mut [0; 9000]));
            reader.close();
            Ok::<_, sgz::Error>(())
        });
    }
}

#[test]
fn the_first_panic_arrives_when_a_stream_cannot_be_opened() {
    let file = bgzf(&text(9000));
    for scene in scenes() {
        scene.arm();
        scene.run("open_stream", || {
            scene.options().open_stream(scene.stream(&file[..]))
        });
        scene.noted().clear();
        scene.run("open_source", || {
            let stream = scene.stream(Cursor::new(&file));
            scene.options().open_source(stream)
        });
    }
    // no call of the stream panics or fails here: its drop alone does
    let scene = Scene::default();
    scene.run("not gzip", || {
        scene
            .options()
            .open_stream(scene.stream(&b"plain text"[..]))
    });
    scene.run("an option out of range", || {
        scene
            .options()
            .level(99)
            .create_sink(scene.stream(io::sink()))
    });
    scene.run("no memory", || {
        Options::new()
            .meter(&Meter::limited(10))
            .create_sink(scene.stream(io::sink()))
    });
}

/// The error is the stream's, but no failure names it: the relay alone has it.
#[test]
fn an_error_that_only_the_relay_holds_is_dropped_under_a_guard() {
    struct Fails<S>(Stream<S>, usize);

    impl<S: Read> Read for Fails<S> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.read(buf)
        }
    }

    impl<S: Seek> Seek for Fails<S> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            if self.1 == 0 {
                let error = self.0.mine.scene.mine("drop of an error");
                return Err(io::Error::other(error));
            }
            self.1 -= 1;
            self.0.seek(to)
        }
    }

    let file = bgzf(&text(9000));
    for data in [&file[..], b"plain text"] {
        for calls in 0..4 {
            for by_close in [false, true] {
                let scene = Scene::default();
                scene.run("a seek that fails", || {
                    let stream = scene.stream(Cursor::new(data));
                    let stream = Fails(stream, calls);
                    let mut reader = scene.options().open_source(stream)?;
                    drop(reader.size());
                    drop(reader.seek_to(8000));
                    if by_close {
                        reader.close();
                    }
                    Ok::<_, sgz::Error>(())
                });
            }
        }
    }
}

/// The clause: `sgz_writer_ref_index` hands a reference out, which is this
/// side's from then on. The expectation: the index goes with the result.
#[test]
fn finish_loses_nothing_if_a_drop_panics() {
    for format in [Format::Bgzf, Format::Gzip] {
        for observed in [false, true] {
            let scene = Scene::default();
            let options = scene.options().format(format).build_index(true);
            scene.run("finish", || {
                let mut writer =
                    options.create_sink(scene.stream(io::sink()))?;
                if observed {
                    writer.observe(EventMask::ALL, watch(&scene))?;
                }
                writer.write_bytes(&text(200_000))?;
                writer.finish()
            });
        }
    }
    for scene in scenes() {
        scene.run("finish that fails", || {
            let mut writer =
                scene.options().create_sink(scene.stream(io::sink()))?;
            writer.observe(EventMask::BLOCK, |_| Continue(()))?;
            writer.write_bytes(b"x")?;
            scene.arm();
            writer.finish()
        });
    }
    // No stream: the observer's drop panics, with all that was asked for done.
    let scene = Scene::default();
    let mut buffer = Buffer::new();
    let options = scene.options().build_index(true);
    scene.run("finish, observed", || {
        let mut writer = options.create_buffer(&mut buffer)?;
        writer.observe(EventMask::ALL, watch(&scene))?;
        writer.finish()
    });
}

/// A path whose drop panics: it goes before C has opened anything.
#[test]
fn nothing_is_lost_if_the_drop_of_a_path_panics() -> Result<()> {
    struct Own(PathBuf, #[expect(dead_code, reason = "dropped")] Mine);

    impl AsRef<Path> for Own {
        fn as_ref(&self) -> &Path {
            &self.0
        }
    }

    let dir = tempfile::tempdir()?;
    let (data, index) = (dir.path().join("a.gz"), dir.path().join("a.gzi"));
    let file = bgzf(&text(9000));
    std::fs::write(&data, &file)?;
    Reader::new(&file)?.build_index(false)?.save(&index)?;

    let scene = Scene::default();
    let own = |path: &Path| Own(path.into(), scene.mine("drop of the path"));
    let options = scene.options();
    scene.run("open", || options.open(own(&data)));
    scene.run("create", || options.create(own(&data)));
    scene.run("load", || Index::load_with(own(&index), &options));
    scene.run("save", || {
        Index::load_with(&index, &options)?.save(own(&index))
    });
    Ok(())
}

/// All of it once more in a drop, while a panic of the caller's unwinds.
#[test]
fn nothing_aborts_while_another_panic_unwinds() {
    struct Late<'s>(&'s Scene);

    impl Drop for Late<'_> {
        fn drop(&mut self) {
            let scene = self.0;
            let options = scene.options().build_index(true);
            scene.arm();
            let opened = options.open_stream(scene.stream(&b""[..]));
            let _ = caught(|| drop(opened));
            let writer = options.create_sink(scene.stream(io::sink()));
            let finished = writer.and_then(|mut writer| {
                writer.observe(EventMask::ALL, watch(scene))?;
                writer.write_bytes(b"x")?;
                writer.finish()
            });
            let _ = caught(|| drop(finished));
        }
    }

    for scene in scenes() {
        scene.run("in an unwinding", || {
            let _late = Late(&scene);
            scene.panic("the caller's own");
        });
        assert_eq!(scene.noted()[0], "the caller's own");
    }
}
