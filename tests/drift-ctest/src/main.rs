// SPDX-License-Identifier: MIT OR Apache-2.0
//! Some mutants of each kind under rustc, ctest and the drift check: a table of
//! who sees what, as docs/src/drift.md has it.
//!
//! ctest is set up as well as its options go: the header's structs and enums
//! by their tags, no private fields, and no type that has no name in C.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ferrule_drift::read::rust;
use ferrule_drift::{Answers, Files, judge, plan};
use ferrule_drift_test::mutants::{Mutant, mutants};
use ferrule_drift_test::{
    handwritten, options, read_header, root, sources, target,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Sites of a kind to try.
const TRIES: usize = 4;

fn main() -> Result<()> {
    if let [one, dir] = &env::args().skip(1).collect::<Vec<_>>()[..]
        && one == "--one"
    {
        return run(Path::new(dir));
    }
    let header = read_header().ok_or("there is no libclang")?;
    // What ctest and cc take from a build script's environment.
    let host = host()?;
    for (name, value) in [
        ("HOST", host.as_str()),
        ("TARGET", host.as_str()),
        ("OPT_LEVEL", "0"),
    ] {
        // SAFETY: std env::set_var: no other thread runs in this program.
        unsafe { env::set_var(name, value) };
    }
    let mut files = Files::default();
    let target = target();
    rust::read(&[handwritten()], &mut files, &target)?;

    let Seen::Passed = ctest(&files, None)? else {
        return Err("ctest refuses the original".into());
    };
    let mut all: Vec<_> = files.all().cloned().collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    let mut kinds: BTreeMap<&str, Vec<Mutant>> = BTreeMap::new();
    for mutant in mutants(&all) {
        if mutant.equivalent.is_none() {
            kinds.entry(mutant.kind).or_default().push(mutant);
        }
    }
    let (mut rustc, mut theirs, mut ours) = (0, 0, 0);
    println!("| drift | for example of | rustc | ctest | ferrule-drift |");
    println!("|---|---|---|---|---|");
    let count = kinds.len();
    for (kind, sites) in kinds {
        let step = sites.len().div_ceil(TRIES);
        let tried: Vec<&Mutant> = sites.iter().step_by(step).collect();
        let mut seen = [0, 0, 0];
        for mutant in &tried {
            match ctest(&files, Some(mutant))? {
                Seen::ByRustc => seen[0] += 1,
                Seen::Caught => seen[1] += 1,
                Seen::Passed => {}
            }
            let mut mutated = files.clone();
            mutated.put(&mutant.path, mutant.text.clone())?;
            let read = rust::read(&[handwritten()], &mut mutated, &target)?;
            let bits = target.machine();
            let plan = plan(&read, &header, bits, &options());
            let report = judge(plan, &sources(), &mut Answers::default())?;
            seen[2] += usize::from(!report.is_clean());
        }
        let all = tried.len();
        // What rustc refuses, ctest does not get to see.
        rustc += usize::from(seen[0] == all);
        theirs += usize::from(seen[1] > 0 && seen[0] + seen[1] == all);
        ours += usize::from(seen[2] == all);
        let show = |seen: usize, of: usize| match (seen, of) {
            (_, 0) => String::new(),
            (0, _) => "–".to_owned(),
            (seen, of) if seen == of => "✔".to_owned(),
            (seen, of) => format!("{seen} of {of}"),
        };
        println!(
            "| {kind} | `{}` | {} | {} | {} |",
            tried[0].item,
            show(seen[0], all),
            show(seen[1], all - seen[0]),
            show(seen[2], all),
        );
    }
    println!(
        "\nOf {count} kinds, every site that was tried (up to {TRIES}) is \
         seen: by rustc itself in {rustc}, by ctest in {theirs}, by \
         ferrule-drift in {ours}."
    );
    Ok(())
}

enum Seen {
    /// It is no Rust, or its own layout checks fail.
    ByRustc,
    Caught,
    Passed,
}

fn ctest(files: &Files, mutant: Option<&Mutant>) -> Result<Seen> {
    let dir = tempfile::tempdir()?;
    for file in files.all() {
        let text = match mutant {
            Some(mutant) if mutant.path == file.path => mutant.text.as_str(),
            _ => &*file.text,
        };
        let text = text.replace("extern crate sgz_link as _;", "");
        let name = file.path.file_name().ok_or("no name")?;
        fs::write(dir.path().join(name), text)?;
    }
    let library = dir.path().join("libbinding.rlib");
    let built = rustc(dir.path())
        .args(["--crate-type=rlib", "--crate-name=binding", "-o"])
        .arg(&library)
        .arg(dir.path().join("lib.rs"))
        .output()?;
    if !built.status.success() {
        return Ok(Seen::ByRustc);
    }
    // In a process of its own: where C does not compile, cc ends it.
    let output = Command::new(env::current_exe()?)
        .arg("--one")
        .arg(dir.path())
        .output()?;
    if output.status.success() {
        Ok(Seen::Passed)
    } else {
        if mutant.is_none() {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(Seen::Caught)
    }
}

/// Generate ctest's test of the crate in `dir`, build it, run it.
fn run(dir: &Path) -> Result<()> {
    let enums = [
        "sgz_status",
        "sgz_format",
        "sgz_event_kind",
        "sgz_log_level",
    ];
    let mut test = ctest::TestGenerator::new();
    test.header("sgz.h")
        .include(root().join("csrc/include"))
        .out_dir(dir)
        .edition(2024)
        .skip_private(true)
        // Types that C has no name for, or says nothing of.
        .skip_struct(|item| {
            matches!(
                item.ident(),
                "sgz_reader" | "sgz_writer" | "sgz_index" | "__va_list_tag"
            )
        })
        .skip_union(|item| item.ident() == "sgz_event_data")
        // `{ ... }` is no expression, and &CStr is none of its types.
        .skip_const(|item| {
            item.ident().ends_with("_INIT")
                || item.ident() == "SGZ_VERSION_STRING"
        })
        .rename_struct_ty(move |name| {
            let tag = if enums.contains(&name) {
                "enum"
            } else {
                "struct"
            };
            Some(format!("{tag} {name}"))
        })
        // What Rust calls bits, C has seven fields for; a flexible array and
        // an anonymous union have no type to compare.
        .skip_struct_field(move |owner, field| {
            (owner.ident() == "sgz_options" && field.ident() == "flags")
                || (owner.ident() == "sgz_subfield" && field.ident() == "data")
                || enums.contains(&owner.ident())
        })
        .skip_struct_field_type(|owner, field| {
            owner.ident() == "sgz_event" && field.ident() == "data"
        })
        // Passing one by value is not what C does with it.
        .skip_roundtrip(|name| name == "sgz_subfield");
    ctest::generate_test(&mut test, dir.join("lib.rs"), "made.rs")?;
    let main = dir.join("main.rs");
    fs::write(
        &main,
        "#![allow(warnings)]\nuse binding::*;\ninclude!(\"made.rs\");\n",
    )?;
    let program = dir.join("program");
    let output = rustc(dir)
        .args(["--extern", "binding"])
        .arg(format!("-Lnative={}", dir.display()))
        .args(["-lstatic=made", "-o"])
        .arg(&program)
        .arg(&main)
        .arg(format!("-Clink-arg={}", library().display()))
        .arg("-Clink-arg=-lz")
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let output = Command::new(&program).output()?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        return Err(String::from_utf8_lossy(&text).into());
    }
    Ok(())
}

fn rustc(dir: &Path) -> Command {
    let mut command = Command::new("rustc");
    command
        .args(["--edition=2024", "-Awarnings", "-L"])
        .arg(dir);
    command
}

fn library() -> PathBuf {
    ferrule_drift_test::library()
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.ok_or("rustc says no host")?.to_owned())
}
