// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line, of `ferrule-drift` and of `cargo ferrule drift`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::check::{Check, Prepared};
use crate::fix::{self, Fix};
use crate::package::Request;
use crate::{Error, Level, allow_lines};

/// How the check is called.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// As one types it.
    pub name: &'static str,
    /// What the help text starts with.
    pub usage: &'static str,
    /// Where nothing is named, it is the crate of the current folder.
    pub of_crate: bool,
}

/// `ferrule-drift`
pub const PLAIN: Command = Command {
    name: "ferrule-drift",
    usage: "\
Usage: ferrule-drift --header H... --rust FILE... [OPTION...]
       ferrule-drift --manifest-path Cargo.toml [OPTION...]
       ferrule-drift --package NAME@VERSION --header H... [OPTION...]
",
    of_crate: false,
};

/// `cargo ferrule drift`
pub const OF_CARGO: Command = Command {
    name: "cargo ferrule drift",
    usage: "\
Usage: cargo ferrule drift [OPTION...]
       cargo ferrule drift --package NAME@VERSION --header H... [OPTION...]
       cargo ferrule drift --header H... --rust FILE... [OPTION...]

Without --manifest-path and --rust it checks the package of the current folder.
",
    of_crate: true,
};

const ABOUT: &str = "
Compares Rust declarations of a C library with its header, and prints every
difference. With --exports the Rust is the library: what it defines for C is
compared with the header by which C calls it.

With --manifest-path or --package, Cargo builds the crate (cargo check), and
tells its source, features, cfgs, OUT_DIR, libraries and folders of headers.
What only a person knows stands in drift.toml beside its Cargo.toml: headers,
include, libraries, cflags, partial, allow, [types], [rename], [only],
[[leave-out]], [[allowed]] (docs/src/drift.md has a whole one).

  --manifest-path FILE
                   The crate's Cargo.toml.
  -p, --package NAME
                   Of a workspace; NAME@VERSION is the registry's, and is built
                   in a workspace of its own.
  --config FILE    Another drift.toml; with --rust, too.
  -F, --feature F, --features F
                   An enabled Cargo feature; several with commas between.
  --all-features   All features of the crate.
  --no-default-features
                   Without the crate's default features.
  --header H       A C header; repeatable. Of a crate: as one includes it.
  --rust FILE      A Rust file. The modules that it names are read too. Several
                   files may follow.
  --cflags FLAGS   Flags for the C compiler, split and quoted as in a shell.
  --lib L          The library: a file, or a name as after -l; repeatable.
                   Without it, exported symbols are not compared.
  --own PATH       More headers of the library, or a folder of them. Headers in
                   a folder x beside x.h are included without it.
  --allow FILE     Known differences: lines `KIND ITEM | DIFFERENCE | REASON`.
  --allow-lines    Print only what would let each difference pass, for the
                   list (for drift.toml, of a crate). The reason is yours.
  --partial        The binding leaves out items of the header on purpose.
  --exports        The Rust defines what the header declares.
  --names FILE     What C calls the types that Rust exports: a cbindgen.toml.
  --out-dir DIR    What OUT_DIR is for include!(concat!(env!(\"OUT_DIR\"), ...)).
  --crate NAME=FILE
                   A crate that the files name, and the root of its library:
                   libc=DIR/src/lib.rs; repeatable. It may name the crates
                   before it. Of a crate of Cargo's they are known.
  --cfg C          A cfg that is set: NAME or NAME=VALUE.
  --target T       Use the cfgs of another target. --cc and --cflags have to
                   be for the same target.
  --cc CC          The C compiler ($CC, else cc).
  --level LEVEL    What makes the exit status 1: breaks (what crosses is not
                   what was meant), letter (that, and what the declarations
                   alone disagree about, such as const; the default), or note.
  --strict         What could not be checked makes it 1, too.
  --fix            Write corrected declarations instead of the report: a diff
                   for patch -p0 or git apply. What is not mechanical is
                   listed on standard error, with the reason.
  --fix=write      Correct the files in place, and check again.
  --json           Write JSON instead of text.
  --help           Print this text.
  --version        Print the version.

Exit status: 0 for no difference, 1 for a difference, 2 if it could not run,
or if there was nothing that it could check.
";

/// Options without a value.
const SWITCHES: [&str; 8] = [
    "--all-features",
    "--allow-lines",
    "--exports",
    "--fix",
    "--json",
    "--no-default-features",
    "--partial",
    "--strict",
];

/// What is printed.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Output {
    #[default]
    Text,
    Json,
    AllowLines,
}

/// What is on the command line.
#[derive(Default)]
struct Arguments {
    check: Check,
    /// Of a crate of Cargo's, if one is named.
    request: Request,
    headers: usize,
    files: usize,
    names: bool,
    exports: bool,
    output: Output,
    fix: Option<Fix>,
}

impl Arguments {
    /// Take an option that has none.
    fn switch(&mut self, name: &str) {
        let check = std::mem::take(&mut self.check);
        self.check = match name {
            "--exports" => check.exports(),
            "--partial" => check.partial(),
            "--strict" => check.strict(),
            _ => check,
        };
        match name {
            "--all-features" => self.request.all_features = true,
            "--no-default-features" => self.request.no_default_features = true,
            "--exports" => self.exports = true,
            "--fix" => self.fix = Some(Fix::Show),
            "--json" => self.output = Output::Json,
            "--allow-lines" => self.output = Output::AllowLines,
            _ => {}
        }
    }

    /// Take an option that has a value.
    fn take(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "--manifest-path" => self.request.manifest = Some(value.into()),
            "-p" | "--package" => self.request.package = Some(value),
            "--config" => self.request.config = Some(value.into()),
            "--fix" if value == "write" => self.fix = Some(Fix::Write),
            "--fix" => {
                return Err(format!("--fix={value}: --fix, or --fix=write"));
            }
            _ => {
                let check = std::mem::take(&mut self.check);
                self.check = self.set(check, name, value)?;
            }
        }
        Ok(())
    }

    fn set(
        &mut self,
        check: Check,
        name: &str,
        value: String,
    ) -> Result<Check, String> {
        Ok(match name {
            "--header" => {
                self.headers += 1;
                check.header(value)
            }
            "--rust" => {
                self.files += 1;
                check.rust(value)
            }
            "--own" => own(check, &value)?,
            "--cflags" => shlex::split(&value)
                .ok_or(format!("--cflags {value}: a quote is open"))?
                .into_iter()
                .fold(check, Check::cflag),
            "--cc" => check.compiler(value),
            "--lib" => check.library(value),
            "--allow" => check.allow(value),
            "-F" | "--feature" | "--features" => value
                .split([',', ' '])
                .filter(|one| !one.is_empty())
                .fold(check, Check::feature),
            "--cfg" => check.cfg(value),
            "--crate" => dependency(check, &value)?,
            "--out-dir" => out_dir(check, &value)?,
            "--level" => level(check, &value)?,
            "--target" => check.target(value),
            "--names" => {
                self.names = true;
                check.names(value)
            }
            _ => return Err(format!("there is no option {name}")),
        })
    }

    /// What is wrong only as a whole, and what is meant if nothing is named.
    fn complete(&mut self, command: &Command) -> Result<(), String> {
        let named =
            self.request.manifest.is_some() || self.request.package.is_some();
        if command.of_crate && self.files == 0 && !self.request.is_registry() {
            let here = || nearest_manifest(Path::new("."));
            let manifest = self.request.manifest.take().or_else(here);
            self.request.manifest = Some(manifest.ok_or(
                "there is no Cargo.toml here or above: say --manifest-path",
            )?);
        }
        let of_cargo = named || self.request.manifest.is_some();
        if of_cargo && self.files > 0 {
            return Err("--rust, or a crate of Cargo's: not both".to_owned());
        }
        if !of_cargo && (self.headers == 0 || self.files == 0) {
            return Err("--header and --rust are needed".to_owned());
        }
        if self.names && !self.exports {
            return Err("--names is for --exports".to_owned());
        }
        let text = self.output == Output::Text;
        if self.fix.is_some() && (self.exports || !text) {
            return Err("--fix goes with no --exports and no --json".to_owned());
        }
        let check = std::mem::take(&mut self.check);
        self.check = match self.request.config.take_if(|_| !of_cargo) {
            Some(path) => check.config(path),
            None if of_cargo => check.of(std::mem::take(&mut self.request)),
            None => check,
        };
        Ok(())
    }
}

fn own(check: Check, value: &str) -> Result<Check, String> {
    if Path::new(value).exists() {
        Ok(check.own(value))
    } else {
        Err(format!("--own {value}: there is no such file or folder"))
    }
}

fn dependency(check: Check, value: &str) -> Result<Check, String> {
    let Some((name, path)) = value.split_once('=') else {
        return Err(format!("--crate {value}: it is NAME=FILE"));
    };
    if !Path::new(path).is_file() {
        return Err(format!("--crate {value}: there is no such file"));
    }
    Ok(check.dependency(name, path))
}

fn out_dir(check: Check, value: &str) -> Result<Check, String> {
    let path = std::fs::canonicalize(value)
        .map_err(|error| format!("--out-dir {value}: {error}"))?;
    Ok(check.env("OUT_DIR", path.to_string_lossy()))
}

fn level(check: Check, value: &str) -> Result<Check, String> {
    let mut all = Level::ALL.into_iter();
    let found = all.find(|level| level.name() == value);
    found
        .map(|level| check.level(level))
        .ok_or(format!("--level {value}: it is breaks, letter or note"))
}

/// The `Cargo.toml` of the package around `folder`, as Cargo finds it.
fn nearest_manifest(folder: &Path) -> Option<PathBuf> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let mut all = folder.ancestors().map(|above| above.join("Cargo.toml"));
    all.find(|path| path.is_file())
}

impl Command {
    /// Do what `words` say: all that stood on the command line behind the
    /// command's name.
    pub fn main(&self, words: impl IntoIterator<Item = String>) -> ExitCode {
        let arguments = match self.parse(words) {
            Ok(Some(arguments)) => arguments,
            Ok(None) => return ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{}: {why}\n\n{}{ABOUT}", self.name, self.usage);
                return ExitCode::from(2);
            }
        };
        match self.run(&arguments) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("{}: {error}", self.name);
                ExitCode::from(2)
            }
        }
    }

    /// What is told instead of a check.
    fn told(&self, word: &str) -> Option<String> {
        match word {
            "--help" | "-h" => Some(format!("{}{ABOUT}", self.usage)),
            "--version" | "-V" => {
                Some(format!("{} {}\n", self.name, env!("CARGO_PKG_VERSION")))
            }
            _ => None,
        }
    }

    fn parse(
        &self,
        words: impl IntoIterator<Item = String>,
    ) -> Result<Option<Arguments>, String> {
        let mut found = Arguments::default();
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            if let Some(text) = self.told(&word) {
                print(&text).map_err(|error| error.to_string())?;
                return Ok(None);
            }
            if SWITCHES.contains(&word.as_str()) {
                found.switch(&word);
                continue;
            }
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => {
                    (name.to_owned(), Some(value.to_owned()))
                }
                _ => (word.clone(), None),
            };
            if !is_option(&name) {
                return Err(format!("there is no option {word}"));
            }
            let value = inline.or_else(|| words.next());
            let Some(value) = value else {
                return Err(format!("{name} takes a value"));
            };
            found.take(&name, value)?;
            if name == "--rust" {
                while let Some(more) =
                    words.next_if(|word| !word.starts_with('-'))
                {
                    found.take(&name, more)?;
                }
            }
        }
        found.complete(self)?;
        Ok(Some(found))
    }

    /// Whether nothing differs that counts.
    fn run(&self, arguments: &Arguments) -> Result<bool, Error> {
        let prepared = arguments.check.prepare()?;
        for line in prepared.judged() {
            eprintln!("{}: {line}", self.name);
        }
        if let Some(how) = arguments.fix {
            return self.fix(&prepared, how);
        }
        let checked = prepared.run()?;
        let report = &checked.report;
        print(&match arguments.output {
            Output::Text => format!("{report}\n"),
            Output::Json => format!("{:#}\n", report.json()),
            Output::AllowLines => {
                allow_lines(&report.drift, prepared.folder().is_some())
            }
        })?;
        checked.something()?;
        Ok(checked.is_equal())
    }

    /// Show or make the corrections; what is left decides.
    fn fix(&self, prepared: &Prepared, how: Fix) -> Result<bool, Error> {
        let fixed = fix::fix(prepared)?;
        fixed.checked.something()?;
        match how {
            Fix::Show => print(&fixed.diff())?,
            Fix::Write => fixed.write()?,
        }
        eprintln!("{}: {fixed}", self.name);
        Ok(match how {
            Fix::Show => fixed.checked.is_equal(),
            Fix::Write => fixed.left.is_equal(),
        })
    }
}

/// Whether the help text explains `name`, alone or beside others.
fn is_option(name: &str) -> bool {
    let lines = ABOUT.lines().filter_map(|line| line.strip_prefix("  -"));
    let mut words = lines.flat_map(|line| {
        let heads = line.split("  ").next().unwrap_or_default();
        let heads = heads.split(", ");
        heads.filter_map(|head| head.split([' ', '[', '=']).next())
    });
    words.any(|word| {
        name.strip_prefix('-') == Some(word)
            || name == word && word.starts_with('-')
    })
}

/// Who reads it may have read enough, as `head` does: that is no failure, and
/// the exit status is that of the report.
fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::Output(error))
        }
        _ => Ok(()),
    }
}
