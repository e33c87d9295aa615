// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ferrule-drift`: the drift check for any header and any Rust file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ferrule_drift::crates::{Source, dependencies};
use ferrule_drift::package::{self, Package, Request};
use ferrule_drift::rust::Given;
use ferrule_drift::{
    Allowed, Answers, Error, Files, Level, Names, Options, Sources, Target,
    features, header, judge, plan, rust, symbols,
};

const USAGE: &str = "\
Usage: ferrule-drift --header H... --rust FILE... [OPTION...]
       ferrule-drift --manifest-path Cargo.toml [OPTION...]
       ferrule-drift --package NAME@VERSION --header H... [OPTION...]

Compares Rust declarations of a C library with its header, and prints every
difference. With --exports the Rust is the library: what it defines for C is
compared with the header by which C calls it.

With --manifest-path or --package, Cargo builds the crate (cargo check), and
tells its source, features, cfgs, OUT_DIR, libraries and folders of headers.
What only a person knows stands in drift.toml beside its Cargo.toml:

  headers = [\"zlib.h\"]    partial = true    cflags = [...]    allow = \"FILE\"

  --manifest-path FILE
                   The crate's Cargo.toml.
  --package NAME   Of a workspace; NAME@VERSION is the registry's, and is built
                   in a workspace of its own.
  --config FILE    Another drift.toml.
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
  --allow FILE     Known differences: lines `KIND ITEM: REASON`.
  --partial        The binding leaves out items of the header on purpose.
  --exports        The Rust defines what the header declares.
  --names FILE     What C calls the types that Rust exports: a cbindgen.toml.
  --out-dir DIR    What OUT_DIR is for include!(concat!(env!(\"OUT_DIR\"), ...)).
  --feature F      An enabled Cargo feature; several with commas between.
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
  --json           Write JSON instead of text.
  --help           Print this text.
  --version        Print the version.

Exit status: 0 for no difference, 1 for a difference, 2 if it could not run,
or if there was nothing that it could check.
";

/// Options without a value.
const SWITCHES: [&str; 5] = [
    "--exports",
    "--json",
    "--no-default-features",
    "--partial",
    "--strict",
];

struct Arguments {
    sources: Sources,
    rust: Vec<PathBuf>,
    manifest: Option<PathBuf>,
    package: Option<String>,
    config: Option<PathBuf>,
    libraries: Vec<String>,
    allow: Option<PathBuf>,
    names: Option<PathBuf>,
    cfg: Vec<String>,
    features: Vec<String>,
    environment: BTreeMap<String, String>,
    crates: Vec<Source>,
    uses: Vec<(String, usize)>,
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
            manifest: None,
            package: None,
            config: None,
            libraries: vec![],
            allow: None,
            names: None,
            cfg: vec![],
            features: vec![],
            environment: BTreeMap::new(),
            crates: vec![],
            uses: vec![],
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
            "--manifest-path" => self.manifest = Some(value.into()),
            "--package" => self.package = Some(value),
            "--config" => self.config = Some(value.into()),
            "--cc" => self.sources.cc = value,
            "--lib" => self.libraries.push(value),
            "--allow" => self.allow = Some(value.into()),
            "--feature" => {
                let features = value.split([',', ' ']);
                let features = features.filter(|one| !one.is_empty());
                self.features.extend(features.map(str::to_owned));
            }
            "--cfg" => self.cfg.push(value),
            "--crate" => self.take_crate(&value)?,
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

impl Arguments {
    /// A crate that the Rust files name. It may name those before it.
    fn take_crate(&mut self, value: &str) -> Result<(), String> {
        let Some((name, path)) = value.split_once('=') else {
            return Err(format!("--crate {value}: it is NAME=FILE"));
        };
        let path = PathBuf::from(path);
        if !path.is_file() {
            return Err(format!("--crate {value}: there is no such file"));
        }
        self.crates.push(Source {
            name: name.to_owned(),
            path,
            uses: self.uses.clone(),
            ..Source::default()
        });
        self.uses.push((name.to_owned(), self.crates.len() - 1));
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
    let of_cargo = found.manifest.is_some() || found.package.is_some();
    if of_cargo && !found.rust.is_empty() {
        return Err("--rust, or a crate of Cargo's: not both".to_owned());
    }
    if !of_cargo && (found.sources.headers.is_empty() || found.rust.is_empty())
    {
        return Err("--header and --rust are needed".to_owned());
    }
    if of_cargo && !found.crates.is_empty() {
        return Err("--crate, or a crate of Cargo's, whose dependencies are \
                    known: not both"
            .to_owned());
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

/// What Cargo knows of a crate, as if it stood on the command line. What is
/// returned has to live as long as the crate's files are read.
fn take_package(
    arguments: &mut Arguments,
) -> Result<Option<tempfile::TempDir>, Error> {
    let request = Request {
        manifest: arguments.manifest.clone(),
        package: arguments.package.clone(),
        features: std::mem::take(&mut arguments.features),
        no_default_features: arguments.has("--no-default-features"),
        config: arguments.config.clone(),
    };
    let (found, scratch) = package::look(&request)?;
    let sources = &mut arguments.sources;
    let mut names: Vec<String> = sources
        .headers
        .drain(..)
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    if names.is_empty() {
        names.clone_from(&found.config.headers);
    }
    if names.is_empty() {
        return Err(Error::Package(format!(
            "{}: which headers does it bind? Say --header, or headers = [...] \
             in {}",
            found.name,
            found.folder.join("drift.toml").display()
        )));
    }
    for name in names {
        sources.headers.push(found.header(&name, &sources.cc)?);
    }
    for folder in &found.includes {
        sources.cflags.push(format!("-I{}", folder.display()));
    }
    sources.cflags.extend(found.config.cflags.iter().cloned());
    say_package(&found, &sources.headers);
    arguments.rust.push(found.source);
    arguments.crates = found.crates;
    arguments.uses = found.uses;
    for feature in found.features {
        arguments.cfg.push(format!("feature=\"{feature}\""));
    }
    arguments.cfg.extend(found.cfgs);
    if arguments.libraries.is_empty() {
        arguments.libraries = found.libraries;
    }
    if found.config.partial {
        arguments.switches.insert("--partial".to_owned());
    }
    arguments.allow = arguments.allow.take().or(found.config.allow);
    arguments.environment.extend(found.variables);
    let mut set = |name: &str, path: &Path| {
        let path = path.to_string_lossy().into_owned();
        arguments.environment.insert(name.to_owned(), path);
    };
    set("CARGO_MANIFEST_DIR", &found.folder);
    if let Some(out_dir) = &found.out_dir {
        set("OUT_DIR", out_dir);
    }
    Ok(scratch)
}

/// Which headers of which version are judged: what a wrong report is due to,
/// as a rule.
fn say_package(found: &Package, headers: &[PathBuf]) {
    let version = match &found.installed {
        _ if found.vendored => "the crate's own copy".to_owned(),
        Some((name, version)) => format!("{name} {version}"),
        None => "version unknown".to_owned(),
    };
    for header in headers {
        eprintln!(
            "ferrule-drift: {} with {} ({version})",
            found.name,
            header.display()
        );
    }
}

fn run(arguments: &mut Arguments) -> Result<ExitCode, Error> {
    let _scratch = if arguments.rust.is_empty() {
        take_package(arguments)?
    } else {
        None
    };
    let mut target =
        Target::new(arguments.target.as_deref()).map_err(Error::Target)?;
    let given = Given {
        environment: arguments.environment.clone(),
        dependencies: dependencies(&arguments.crates, &arguments.uses, &target),
    };
    for option in &arguments.cfg {
        target.insert(option);
    }
    let mut options = Options {
        partial: arguments.has("--partial"),
        no_library: "no --lib: whether the library has them is not known"
            .to_owned(),
        ..Options::default()
    };
    features::check(&arguments.features, &arguments.rust)?;
    for feature in &arguments.features {
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
    let mut all =
        rust::read_crate(&arguments.rust, &mut files, &target, given)?;
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
    let mut arguments = match parse() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("ferrule-drift: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&mut arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ferrule-drift: {error}");
            ExitCode::from(2)
        }
    }
}
