// SPDX-License-Identifier: MIT OR Apache-2.0
//! Proves a hand-written C binding equal to its header, and a header equal to
//! what Rust exports.
//!
//! A declaration that disagrees with its header compiles, links, and corrupts
//! memory in silence. Here the Rust is read with `syn`, the header with
//! libclang, and for every item an assertion is written in C that holds if the
//! two say the same. The C compiler, with the library's own flags, is the
//! judge.
//!
//! ```text
//! read   what the Rust, the header and the library say
//!   │
//!   ├──► ask      questions for the C compiler, and its answers
//!   ├──► report   findings, for people and for programs
//!   ▼
//! plan   what to ask about each item, and what the answers mean
//! ```
//!
//! Each part knows only those above it. check.rs goes through all of them in
//! one call, with what package.rs learns from Cargo and config.rs from
//! `drift.toml`; fix.rs goes back from findings to the Rust, and command.rs is
//! the command line.

pub mod ask;
mod check;
pub mod command;
pub mod config;
pub mod features;
pub mod fix;
pub mod package;
mod place;
pub mod plan;
pub mod read;
pub mod report;
mod snippet;
mod target;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::PathBuf;

pub use ask::Answers;
pub use check::{Check, Checked};
pub use config::Config;
pub use fix::{Fix, Fixed};
pub use place::Place;
pub use plan::{Allowed, Options, Plan, allow_lines, plan};
pub use read::compiler::Sources;
pub use read::header::Header;
pub use read::names::Names;
pub use read::source::Files;
pub use report::{Finding, Kind, Level, Report};
pub use snippet::Snippet;
pub use target::{Machine, Target};

/// Why a run could not be made.
#[derive(Debug)]
pub enum Error {
    /// There is no such file.
    NoFile(PathBuf),
    /// A file cannot be read.
    Read(PathBuf, io::Error),
    /// A Rust file does not parse, at this line.
    Parse(PathBuf, usize, String),
    /// A module's file is not there.
    NoModule(Place, String),
    /// The headers do not compile, and the compiler says why.
    Header(String),
    /// libclang is not there, or cannot read what the compiler can.
    Libclang(String),
    /// The compiler cannot be run.
    Compiler(String, io::Error),
    /// No room for a file in the folder of temporary files.
    Scratch(io::Error, PathBuf),
    /// The compiler cannot judge an assertion, and says why.
    Judge(String),
    /// Cargo, or the package, is not as it should be.
    Package(String),
    /// There was nothing to check; so many items could not be.
    Nothing(usize),
    /// The library is not there, or is none.
    Library(String),
    /// The allow list or `drift.toml` is wrong, at this line.
    Allow(PathBuf, usize, String),
    /// `--target`, `--cfg`
    Target(String),
    /// What was found cannot be written.
    Output(std::io::Error),
    /// The names of what is exported are wrong.
    Names(PathBuf, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile(path) => {
                write!(f, "{}: there is no such file", path.display())
            }
            Self::Read(path, error) | Self::Scratch(error, path) => {
                write!(f, "{}: {error}", path.display())
            }
            Self::Parse(path, line, why) => {
                write!(f, "{}:{line}: not Rust: {why}", path.display())
            }
            Self::NoModule(place, name) => {
                write!(f, "{place}: there is no file for mod {name}")
            }
            Self::Header(said) => {
                write!(f, "the header does not compile:\n{said}")
            }
            Self::Libclang(why) => write!(f, "libclang: {why}"),
            Self::Compiler(name, error) => {
                write!(f, "the compiler {name}: {error}")
            }
            Self::Judge(why) => {
                f.write_str("the C compiler cannot judge assertions with ")?;
                write!(f, "these flags, so that nothing was checked: {why}")
            }
            Self::Nothing(unchecked) => f.write_str(&nothing(*unchecked)),
            Self::Library(why) => write!(f, "the library: {why}"),
            Self::Allow(path, line, why) => {
                write!(f, "{}:{line}: {why}", path.display())
            }
            Self::Output(error) => write!(f, "standard output: {error}"),
            Self::Package(why) | Self::Target(why) => write!(f, "{why}"),
            Self::Names(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

/// Why nothing was checked, though there are so many items to check.
fn nothing(unchecked: usize) -> String {
    let why = match unchecked {
        0 => "the Rust declares nothing that the header has".to_owned(),
        all => format!("not one of {all} items could be"),
    };
    format!("nothing was checked: {why}")
}

impl std::error::Error for Error {}

/// Ask what `plan` needs to know, and say what came of it.
pub fn judge(
    plan: Plan,
    sources: &Sources,
    answers: &mut Answers,
) -> Result<Report, Error> {
    answers.ask(sources, &plan.definitions, &plan.questions())?;
    answers.ask(sources, &plan.definitions, &plan.further(answers))?;
    Ok(plan.report(answers))
}

/// Ask what all `plans` need to know, in one go.
pub fn ask_all(
    plans: &[Plan],
    sources: &Sources,
    answers: &mut Answers,
) -> Result<(), Error> {
    let mut definitions = BTreeSet::new();
    let mut questions = BTreeSet::new();
    for plan in plans {
        definitions.extend(plan.definitions.iter().cloned());
        questions.extend(plan.questions());
    }
    answers.ask(sources, &definitions, &questions)?;
    let further = plans.iter().flat_map(|plan| plan.further(answers));
    let further: BTreeSet<_> = further.collect();
    answers.ask(sources, &definitions, &further)
}
