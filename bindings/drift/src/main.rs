// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ferrule-drift`: the drift check for any header and any Rust file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use ferrule_drift::{
    Allowed, Answers, Error, Files, Level, Names, Options, Sources, Target,
    features, header, judge, plan, rust, symbols,
};

const USAGE: &str = "\
Usage: ferrule-drift --header H... --rust FILE... [OPTION...]

Compares Rust declarations of a C library with its header, and prints every
difference. With --exports the Rust is the library: what it defines for C is
compared with the header by which C calls it.

  --header H       A C header; repeatable.
  --rust FILE      A Rust file. The modules that it names are read too. Several
                   files may follow.
  --cflags FLAGS   Flags for the C compiler, split and quoted as in a shell.
  --lib L          The library: a file, or a name as after -l; repeatable.
                   Without it, exported symbols are not compared.
  --own PATH       More headers of the library, or a folder of them. Headers in
                   a folder x beside x.h are included without it.
  --allow FILE     Known differences: lines `KIND ITEM: REASON`.
  --partial        The binding leaves out items of the header on purpose.
  --exports        The Rust defines what the header declares.
  --names FILE     What C calls the types that Rust exports: a cbindgen.toml.
  --out-dir DIR    What OUT_DIR is for include!(concat!(env!(\"OUT_DIR\"), ...)).
  --feature F      An enabled Cargo feature; several with commas between.
  --cfg C          A cfg that is set: NAME or NAME=VALUE.
  --target T       Use the cfgs of another target. --cc and --cflags have to
                   be for the same target.
  --cc CC          The C compiler ($CC, else cc).
  --level LEVEL    What makes the exit status 1: breaks (what crosses is not
                   what was meant), letter (that, and what the declarations
                   alone disagree about, such as const; the default), or note.
  --strict         What could not be checked makes it 1, too.
  --json           Write JSON instead of text.
  --help           Print this text.
  --version        Print the version.

Exit status: 0 for no difference, 1 for a difference, 2 if it could not run,
or if there was nothing that it could check.
";

/// Options without a value.
const SWITCHES: [&str; 4] = ["--exports", "--json", "--partial", "--strict"];

struct Arguments {
    sources: Sources,
    rust: Vec<PathBuf>,
    libraries: Vec<String>,
    allow: Option<PathBuf>,
    names: Option<PathBuf>,
    cfg: Vec<String>,
    features: Vec<String>,
    environment: BTreeMap<String, String>,
    level: Level,
    target: Option<String>,
    /// Those of `SWITCHES` that are given.
    switches: BTreeSet<String>,
}

impl Arguments {
    fn new() -> Self {
        let cc = std::env::var("CC").ok().filter(|cc| !cc.is_empty());
        Self {
            sources: Sources {
                cc: cc.unwrap_or("cc".to_owned()),
                ..Sources::default()
            },
            rust: vec![],
            libraries: vec![],
            allow: None,
            names: None,
            cfg: vec![],
            features: vec![],
            environment: BTreeMap::new(),
            level: Level::Letter,
            target: None,
            switches: BTreeSet::new(),
        }
    }

    fn has(&self, switch: &str) -> bool {
        self.switches.contains(switch)
    }

    /// Take an option that has a value.
    fn take(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "--header" => self.sources.headers.push(value.into()),
            "--own" => {
                let own = PathBuf::from(&value);
                if !own.exists() {
                    return Err(format!(
                        "--own {value}: there is no such file or folder"
                    ));
                }
                self.sources.own.push(own);
            }
            "--cflags" => {
                let flags = shlex::split(&value)
                    .ok_or(format!("--cflags {value}: a quote is open"))?;
                self.sources.cflags.extend(flags);
            }
            "--cc" => self.sources.cc = value,
            "--lib" => self.libraries.push(value),
            "--allow" => self.allow = Some(value.into()),
            "--feature" => {
                let features = value.split([',', ' ']);
                let features = features.filter(|one| !one.is_empty());
                self.features.extend(features.map(str::to_owned));
            }
            "--cfg" => self.cfg.push(value),
            "--out-dir" => {
                let path = std::fs::canonicalize(&value)
                    .map_err(|error| format!("--out-dir {value}: {error}"))?;
                let path = path.to_string_lossy().into_owned();
                self.environment.insert("OUT_DIR".to_owned(), path);
            }
            "--level" => {
                let mut all = Level::ALL.into_iter();
                self.level = all.find(|level| level.name() == value).ok_or(
                    format!("--level {value}: it is breaks, letter or note"),
                )?;
            }
            "--target" => self.target = Some(value),
            "--names" => self.names = Some(value.into()),
            "--rust" => self.rust.push(value.into()),
            _ => return Err(format!("there is no option {name}")),
        }
        Ok(())
    }
}

/// What is told instead of a check.
fn told(word: &str) -> Option<String> {
    match word {
        "--help" | "-h" => Some(USAGE.to_owned()),
        "--version" => {
            Some(format!("ferrule-drift {}\n", env!("CARGO_PKG_VERSION")))
        }
        _ => None,
    }
}

fn parse() -> Result<Option<Arguments>, String> {
    let mut found = Arguments::new();
    let mut words = std::env::args().skip(1).peekable();
    while let Some(word) = words.next() {
        if let Some(text) = told(&word) {
            print(&text).map_err(|error| error.to_string())?;
            return Ok(None);
        }
        if SWITCHES.contains(&word.as_str()) {
            found.switches.insert(word);
            continue;
        }
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (word.clone(), None),
        };
        if !USAGE.contains(&format!("\n  {name} ")) {
            return Err(format!("there is no option {word}"));
        }
        let value = inline.or_else(|| words.next());
        let Some(value) = value else {
            return Err(format!("{name} takes a value"));
        };
        found.take(&name, value)?;
        if name == "--rust" {
            while let Some(more) = words.next_if(|word| !word.starts_with("--"))
            {
                found.rust.push(more.into());
            }
        }
    }
    if found.sources.headers.is_empty() || found.rust.is_empty() {
        return Err("--header and --rust are needed".to_owned());
    }
    if found.names.is_some() && !found.has("--exports") {
        return Err("--names is for --exports".to_owned());
    }
    Ok(Some(found))
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

fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let mut target =
        Target::new(arguments.target.as_deref()).map_err(Error::Target)?;
    for option in &arguments.cfg {
        target.insert(option);
    }
    let mut options = Options {
        partial: arguments.has("--partial"),
        no_library: "no --lib: whether the library has them is not known"
            .to_owned(),
        ..Options::default()
    };
    for feature in &arguments.features {
        features::check(feature, &arguments.rust)?;
        target.insert(&format!("feature=\"{feature}\""));
    }
    let mut sources = arguments.sources.clone();
    for library in &arguments.libraries {
        let path = symbols::find(library, &sources.cc)?;
        let exported = options.exported.get_or_insert_default();
        exported.extend(symbols::exported(&path)?);
    }
    if let Some(path) = &arguments.allow {
        options.allowed = Allowed::read(path)?;
    }
    let mut files = Files::default();
    let environment = arguments.environment.clone();
    let mut all =
        rust::read_with(&arguments.rust, &mut files, &target, environment)?;
    if arguments.has("--exports") {
        let names = arguments.names.as_deref();
        all.export(names.map_or(Ok(Names::default()), Names::read)?);
    }
    sources.constants = all.constants.keys().cloned().collect();
    let header = header::read(&sources)?;
    let plan = plan(&all, &header, target.machine(), &options);
    let report = judge(plan, &sources, &mut Answers::default())?;
    print(&if arguments.has("--json") {
        format!("{:#}\n", report.json())
    } else {
        format!("{report}\n")
    })?;
    if report.items() == 0 && report.drift.is_empty() {
        return Err(Error::Nothing(report.unchecked.len()));
    }
    let unchecked = arguments.has("--strict") && !report.unchecked.is_empty();
    let bad = report.worse(arguments.level) > 0 || unchecked;
    Ok(if bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn main() -> ExitCode {
    let arguments = match parse() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("ferrule-drift: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ferrule-drift: {error}");
            ExitCode::from(2)
        }
    }
}
