// SPDX-License-Identifier: MIT OR Apache-2.0
//! ctest's test of a crate, generated and compiled: its C in libmade.a, its
//! Rust in made.rs.
//!
//! What to do comes as lines `KEY VALUE` on standard input: `crate` (the root
//! of its source), `out`, `edition`, `header`, `include`, `flag`, `cfg`,
//! `tagged` (a type that C knows by `struct NAME` or `union NAME`), and `skip`
//! (an item that ctest cannot compile).

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Default)]
struct Task {
    source: PathBuf,
    out: PathBuf,
    edition: u32,
    headers: Vec<String>,
    includes: Vec<String>,
    flags: Vec<String>,
    cfgs: Vec<String>,
    tagged: BTreeSet<String>,
    skipped: BTreeSet<String>,
}

impl Task {
    fn read() -> Result<Self> {
        let mut task = Self::default();
        for line in io::stdin().lines() {
            let line = line?;
            let (key, value) = line.split_once(' ').ok_or("no value")?;
            let value = value.to_owned();
            match key {
                "crate" => task.source = value.into(),
                "out" => task.out = value.into(),
                "edition" => task.edition = value.parse()?,
                "header" => task.headers.push(value),
                "include" => task.includes.push(value),
                "flag" => task.flags.push(value),
                "cfg" => task.cfgs.push(value),
                "tagged" => _ = task.tagged.insert(value),
                "skip" => _ = task.skipped.insert(value),
                _ => return Err(format!("no key {key}").into()),
            }
        }
        Ok(task)
    }

    fn run(self) -> Result<()> {
        let mut test = ctest::TestGenerator::new();
        for header in &self.headers {
            test.header(header);
        }
        for include in &self.includes {
            test.include(include);
        }
        for flag in &self.flags {
            test.flag(flag);
        }
        for cfg in &self.cfgs {
            match cfg.split_once('=') {
                Some((name, value)) => {
                    test.cfg(name, Some(value.trim_matches('"')))
                }
                None => test.cfg(cfg, None),
            };
        }
        test.out_dir(&self.out).edition(self.edition).skip_private(true);
        skip(&mut test, &self.skipped);
        let tagged = self.tagged.clone();
        test.rename_struct_ty(move |name| {
            tagged.contains(name).then(|| format!("struct {name}"))
        });
        let tagged = self.tagged;
        test.rename_union_ty(move |name| {
            tagged.contains(name).then(|| format!("union {name}"))
        });
        ctest::generate_test(&mut test, &self.source, "made.rs")?;
        Ok(())
    }
}

/// What ctest cannot compile, of whatever kind.
fn skip(test: &mut ctest::TestGenerator, names: &BTreeSet<String>) {
    let skipped = || {
        let names = names.clone();
        move |name: &str| names.contains(name)
    };
    let is = skipped();
    test.skip_struct(move |item| is(item.ident()));
    let is = skipped();
    test.skip_union(move |item| is(item.ident()));
    let is = skipped();
    test.skip_alias(move |item| is(item.ident()));
    let is = skipped();
    test.skip_const(move |item| is(item.ident()));
    let is = skipped();
    test.skip_static(move |item| is(item.ident()));
    let is = skipped();
    test.skip_fn(move |item| is(item.ident()));
    let is = skipped();
    test.skip_roundtrip(move |name| is(name));
    let is = skipped();
    test.skip_struct_field(move |owner, field| {
        is(&format!("{}.{}", owner.ident(), field.ident()))
    });
    let is = skipped();
    test.skip_struct_field_type(move |owner, field| {
        is(&format!("{}.{}", owner.ident(), field.ident()))
    });
    let is = skipped();
    test.skip_union_field(move |owner, field| {
        is(&format!("{}.{}", owner.ident(), field.ident()))
    });
}

fn main() -> Result<()> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc says no host")?;
    // What ctest and cc take from a build script's environment.
    for (name, value) in [("HOST", host), ("TARGET", host), ("OPT_LEVEL", "0")]
    {
        // SAFETY: std env::set_var: no other thread runs in this program.
        unsafe { env::set_var(name, value) };
    }
    Task::read()?.run()
}
