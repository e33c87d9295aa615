// SPDX-License-Identifier: MIT OR Apache-2.0
//! Collects the lessons of all lanes, the C lane's too, and a test for each.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "../../lanes/collect.rs"]
mod collect;

const UNSAFE: &str = "deny(clippy::undocumented_unsafe_blocks)";

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize()?;
    compile_c(&root, &collect::find(&root, "c")?)?;
    compile_judge(&root)?;
    let lanes = [
        ("handwritten", UNSAFE),
        ("generated", UNSAFE),
        ("safe", "forbid(unsafe_code)"),
    ];
    for (lane, attribute) in lanes {
        let found = collect::find(&root, lane)?;
        collect::write(&found, attribute, &format!("{lane}.rs"))?;
    }

    // What a lesson declares, for src/declared.rs.
    let described = out().join("lessons.json");
    let described = described.to_str().expect("Cargo's folders are UTF-8");
    collect::ask(&root, &["json", described])?;

    // A lane without a file for a lesson has a test for it all the same.
    let mut cases = String::new();
    for name in collect::ask(&root, &["list"])? {
        for (lane, _) in lanes {
            let module = collect::module(&name);
            let _ = writeln!(cases, "case!({module}__{lane}, {name:?});");
        }
    }
    fs::write(out().join("cases.rs"), cases)
}

/// Compile the C lessons into one archive, and make a table of them.
fn compile_c(root: &Path, found: &[collect::Found]) -> io::Result<()> {
    let include = env::var_os("DEP_SGZ_INCLUDE")
        .map_or_else(|| root.join("csrc/include"), PathBuf::from);
    let mut objects = Vec::new();
    let mut functions = String::new();
    let mut rows = String::new();

    println!(
        "cargo::rerun-if-changed={}/lessons/lesson.h",
        root.display()
    );
    for collect::Found {
        name,
        module,
        source,
    } in found
    {
        println!("cargo::rerun-if-changed={}", source.display());
        let mut build = cc::Build::new();
        if env::var_os("DEP_SGZ_LIBDEFLATE").is_some() {
            // as libsgz's file for pkg-config has it
            build.define("SGZ_HAVE_LIBDEFLATE", None);
        }
        objects.extend(
            build
                .file(source)
                .include(&include)
                .include(root.join("host/include"))
                .include(root.join("lessons"))
                .include(root.join("exports/first/include"))
                .include(root.join("exports/sgzfile/include"))
                .define("lesson", module.as_str())
                .define("_XOPEN_SOURCE", "700")
                .std("c11")
                .warnings(true)
                .try_compile_intermediates()
                .map_err(io::Error::other)?,
        );
        let _ = writeln!(
            functions,
            "fn {module}(rec: *mut ferrule_recorder, \
             input: *const ferrule_input);"
        );
        let _ = writeln!(rows, "({name:?}, {module}),");
    }
    cc::Build::new()
        .objects(objects)
        .try_compile("lessons_c")
        .map_err(io::Error::other)?;
    fs::write(
        out().join("c.rs"),
        format!(
            "unsafe extern \"C\" {{\n{functions}}}\n\
             pub static LESSONS: &[(&str, Lesson)] = &[\n{rows}];\n"
        ),
    )
}

/// The driver's recorder and judge, for cells in process.
fn compile_judge(root: &Path) -> io::Result<()> {
    let sources = [
        "driver/differ.c",
        "driver/freed.c",
        "driver/judge.c",
        "driver/pair.c",
        "host/transcript.c",
        "host/util.c",
    ];
    let include = env::var_os("DEP_SGZ_INCLUDE")
        .map_or_else(|| root.join("csrc/include"), PathBuf::from);

    for folder in ["driver", "host"] {
        println!("cargo::rerun-if-changed={}/{folder}", root.display());
    }
    println!("cargo::rerun-if-changed=src/hosted.c");
    println!("cargo::rerun-if-changed=src/hosted.h");
    cc::Build::new()
        .files(sources.map(|source| root.join(source)))
        .file("src/hosted.c")
        .include(include)
        .include(root.join("driver"))
        .include(root.join("host"))
        .include(root.join("host/include"))
        .define("_GNU_SOURCE", None)
        .std("c11")
        .warnings(true)
        .try_compile("hosted")
        .map_err(io::Error::other)
}

fn out() -> PathBuf {
    env::var_os("OUT_DIR").expect("set by Cargo").into()
}
