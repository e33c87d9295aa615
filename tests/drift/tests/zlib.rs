// SPDX-License-Identifier: MIT OR Apache-2.0
//! zlib's two crates and zlib.h: as the compiler finds it on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ferrule_drift::read::{header, rust, symbols};
use ferrule_drift::{
    Allowed, Answers, Files, Header, Options, Plan, Report, Sources, ask_all,
    judge, plan,
};
use ferrule_drift_test::{read_header, root, sources, target};

fn handwritten() -> PathBuf {
    root().join("bindings/zlib-handwritten/src/lib.rs")
}

/// The headers of zlib, as the compiler finds them.
fn headers() -> Vec<PathBuf> {
    let wrapper = root().join("bindings/zlib-generated/wrapper.h");
    let asked = Command::new(sources().cc).arg("-M").arg(wrapper).output();
    let said = String::from_utf8(asked.unwrap().stdout).unwrap();
    ["zlib.h", "zconf.h"]
        .map(|name| {
            let mut words = said.split_whitespace();
            let found = words.find(|word| Path::new(word).ends_with(name));
            found.unwrap_or_else(|| panic!("no {name}: {said}")).into()
        })
        .to_vec()
}

fn zlib() -> Sources {
    let found = headers();
    Sources {
        headers: found[..1].to_vec(),
        own: found[1..].to_vec(),
        cflags: vec![],
        cc: sources().cc,
        ..Sources::default()
    }
}

/// zlib.h, read once; nothing without libclang.
fn zlib_h() -> Option<Header> {
    let _libclang = read_header()?;
    Some(header::read(&zlib()).unwrap())
}

/// What is asked if `text` stands in the file `path`.
fn planned(
    header: &Header,
    path: &Path,
    text: String,
    options: &Options,
) -> Plan {
    let (mut files, target) = (Files::default(), target());
    files.put(path, text).unwrap();
    let read = rust::read(&[path.to_path_buf()], &mut files, &target).unwrap();
    plan(&read, header, target.machine(), options)
}

/// `text`, as if it stood in the file `path`.
fn check(path: &Path, text: String, options: &Options) -> Option<Report> {
    let plan = planned(&zlib_h()?, path, text, options);
    let report = judge(plan, &zlib(), &mut Answers::default()).unwrap();
    println!("{report}");
    Some(report)
}

fn options(partial: bool) -> Options {
    let library = symbols::find("z", &sources().cc).unwrap();
    Options {
        partial,
        exported: Some(symbols::exported(&library, &sources().cc).unwrap()),
        no_library: String::new(),
        allowed: Allowed::default(),
    }
}

#[test]
fn what_is_by_hand_is_in_zlib_h() {
    let text = fs::read_to_string(handwritten()).unwrap();
    let Some(report) = check(&handwritten(), text, &options(true)) else {
        return;
    };
    assert!(report.is_clean());
    for (what, least) in [
        ("functions", 25),
        ("constants", 20),
        ("structs", 2),
        ("fields", 17),
        ("type aliases", 15),
    ] {
        let count = report.checked.get(what).copied().unwrap_or(0);
        assert!(count >= least, "only {count} {what}");
    }
    assert!(report.unchecked.is_empty(), "something is not looked at");
}

#[test]
fn what_bindgen_writes_is_all_of_zlib_h() {
    let path = root().join("bindings/zlib-generated/src/bindings.rs");
    // The parameters of prototypes, for compilers older than C89: newer
    // versions of zlib.h do not have all of these macros.
    let defined = fs::read_to_string(&headers()[1]).unwrap();
    let allowed: String = ["OF", "Z_ARG"]
        .iter()
        .filter(|name| defined.contains(&format!(" {name}(args)")))
        .fold(String::new(), |list, name| {
            let what = " | a macro that Rust lacks | writes parameters\n";
            list + "missing " + name + what
        });
    let options = Options {
        allowed: Allowed::parse(Path::new("here"), &allowed).unwrap(),
        // a newer zlib.h has more than the copy
        partial: !defined_in(&path),
        ..options(false)
    };
    let text = fs::read_to_string(&path).unwrap();
    let Some(report) = check(&path, text, &options) else {
        return;
    };
    let versions = |item: &str| item.starts_with("ZLIB_VER");
    let drift = report.drift.iter();
    let drift: Vec<_> = drift.filter(|one| !versions(&one.item)).collect();
    assert!(drift.is_empty(), "{} differ", drift.len());
    assert!(report.checked["functions"] >= 80, "not all of zlib.h");
}

/// Whether the copy was made from the zlib.h of this machine.
fn defined_in(copy: &Path) -> bool {
    let header = fs::read_to_string(&headers()[0]).unwrap();
    let copy = fs::read_to_string(copy).unwrap();
    let version = header
        .lines()
        .find_map(|line| line.strip_prefix("#define ZLIB_VERSION "));
    copy.contains(&format!("= c{};", version.unwrap_or("none").trim()))
}

#[test]
fn each_of_these_slips_is_found() {
    let slips = [
        ("pub avail_in: uInt", "pub avail_in: usize", "z_stream_s"),
        ("pub total_in: uLong", "pub total_in: u32", "z_stream_s"),
        (
            "pub const Z_FINISH: i32 = 4",
            "pub const Z_FINISH: i32 = 3",
            "Z_FINISH",
        ),
        (
            "dictLength: uInt",
            "dictLength: usize",
            "deflateSetDictionary",
        ),
        (
            "pub fn gzeof(file: gzFile)",
            "pub fn gzeof(file: c_int)",
            "gzeof",
        ),
        (
            "arg2: *mut *mut c_uchar",
            "arg2: *mut c_uchar",
            "inflateBack",
        ),
        (
            "format: *const c_char, ...)",
            "format: *const c_char)",
            "gzprintf",
        ),
        (
            "fn inflateBackEnd(",
            "fn inflateBackStop(",
            "inflateBackStop",
        ),
        (
            "pub type off_t = c_long",
            "pub type off_t = c_int",
            "gztell",
        ),
    ];
    let Some(header) = zlib_h() else {
        return;
    };
    let options = options(true);
    let plans = slips.map(|(from, to, _)| {
        let text = fs::read_to_string(handwritten()).unwrap();
        assert!(text.contains(from), "{from}");
        let text = text.replacen(from, to, 1);
        planned(&header, &handwritten(), text, &options)
    });
    let mut answers = Answers::default();
    ask_all(&plans, &zlib(), &mut answers).unwrap();
    for (plan, (_, to, item)) in plans.into_iter().zip(slips) {
        let report = plan.report(&answers);
        let found = report.drift.iter().any(|one| one.item.contains(item));
        assert!(found, "{to}: not found in {item}");
    }
}
