// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo ferrule audit`: Cargo runs tests and programs through a runner,
//! which notes of each block of memory who owns it and who frees it; one
//! report says what was found in all of them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use crate::config;
use crate::signals::Signals;

const USAGE: &str = "\
Usage: cargo ferrule audit [OPTION...] test [ARGUMENT OF CARGO TEST...]
       cargo ferrule audit [OPTION...] run [ARGUMENT OF CARGO RUN...]
       cargo ferrule audit [OPTION...] bench [ARGUMENT OF CARGO BENCH...]
       cargo ferrule audit [OPTION...] nextest run [ARGUMENT...]

Run tests or a program as Cargo does, and note for each block of memory which
side allocated it: C, C++, or Rust. Report each block that another side freed,
that Rust gave back with another size or alignment, that was freed twice, or
that never was allocated. Nothing is added to the crate.

Everything is built in a target folder of its own, target/ferrule-audit,
without LTO, without stripping, and with debug information: who allocates could
not be seen otherwise.

Options, before the command or among its arguments:
  --json FILE     a report for programs; - is the standard output
  --junit FILE    a report for a CI server
  --exit-code N   exit with N if there are findings; 0: the findings do not
                  change the exit status
  --fast          no stacks: who, but not where
  --follow        audit the programs that these start, too
  --help          Print this text.

The report goes to the standard error, when all have ended.

Exit status: 2 if something could not be checked. Else, with findings, N, or
that of Cargo if it is not 0, or 1. Without findings that of Cargo.
";

const NAME: &str = "cargo ferrule audit";

/// What is carried in this program; empty: `REASON` says why.
const PROGRAM: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/ferrule-audit"));
const OBJECT: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/libferrule_audit.so"));
const REASON: &str = include_str!(concat!(env!("OUT_DIR"), "/no-audit"));

/// The only target for which there is something to carry, and its variable.
const TARGET: &str = "x86_64-unknown-linux-gnu";
const RUNNER: &str = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER";

/// What a profile has to be, or who allocates could not be seen.
const PROFILE: [(&str, &str); 4] = [
    ("LTO", "off"),
    ("STRIP", "none"),
    ("DEBUG", "1"),
    ("SPLIT_DEBUGINFO", "off"),
];

/// Cargo runs doctests through the runner from this version on.
const DOCTESTS: (u32, u32) = (1, 89);

/// What is said when it cannot run.
type Result<T> = std::result::Result<T, String>;

/// What is on the command line.
#[derive(Default)]
struct Arguments {
    /// For the report.
    report: Vec<String>,
    /// For the runs.
    runner: Vec<String>,
    /// Cargo's command, and what it is given.
    cargo: Vec<String>,
    help: bool,
}

fn parse(words: Vec<String>) -> Result<Arguments> {
    let mut found = Arguments::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (&*word, None),
        };
        match name {
            "--json" | "--junit" | "--exit-code" => {
                let value = value
                    .or_else(|| words.next())
                    .ok_or(format!("{name} needs a value"))?;
                found.report.push(format!("{name}={value}"));
            }
            "--fast" | "--follow" => found.runner.push(word),
            "--help" | "-h" if found.cargo.is_empty() => found.help = true,
            "--" => {
                found.cargo.push(word);
                found.cargo.extend(words.by_ref());
            }
            _ if found.cargo.is_empty() && word.starts_with('-') => {
                return Err(format!("there is no option {word}"));
            }
            _ => found.cargo.push(word),
        }
    }
    Ok(found)
}

/// The command, of the words behind `audit`.
pub fn main(words: Vec<String>) -> ExitCode {
    let done = parse(words).and_then(|arguments| {
        if arguments.help {
            print!("{USAGE}");
            return Ok(0);
        }
        audit(&arguments)
    });
    match done {
        Ok(code) => ExitCode::from(code),
        Err(reason) => {
            eprintln!("{NAME}: {reason}\nTry '{NAME} --help'.");
            ExitCode::from(2)
        }
    }
}

fn audit(arguments: &Arguments) -> Result<u8> {
    let words = &arguments.cargo;
    match words.first().map(String::as_str) {
        Some("test" | "t" | "run" | "r" | "bench" | "nextest") => {}
        Some(other) => {
            return Err(format!(
                "it runs test, run, bench and nextest, not {other}"
            ));
        }
        None => return Err("name test, run, bench or nextest".into()),
    }
    if !REASON.is_empty() {
        return Err(format!("this program was built without it: {REASON}"));
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    refuse_arguments(words)?;
    refuse_runner()?;
    let target = target_folder(&cargo, words)?;
    let tools = unpack(&target)?;
    let signals = Signals::catch().map_err(|e| format!("signals: {e}"))?;
    let logs = Logs::new()?;
    eprintln!(
        "{NAME}: builds in {}, with LTO=off STRIP=none DEBUG=1",
        target.display()
    );
    if runs_doctests(words) && version_of(&cargo) < DOCTESTS {
        eprintln!(
            "{NAME}: doctests: not audited (Cargo runs them through a runner \
             from {}.{} on)",
            DOCTESTS.0, DOCTESTS.1
        );
    }
    let mut command = command(&cargo, arguments, &target, &tools, &logs.0)?;
    let status = signals
        .run(&mut command)
        .map_err(|e| format!("cargo: {e}"))?;
    report(arguments, &tools, &logs.0, code_of(status))
}

/// The words that are for Cargo, and not for what it runs.
fn of_cargo(words: &[String]) -> impl Iterator<Item = &String> {
    words.iter().take_while(|word| *word != "--")
}

/// The value of an option of Cargo's.
fn option(words: &[String], name: &str) -> Option<String> {
    let mut words = of_cargo(words);
    while let Some(word) = words.next() {
        if word == name {
            return words.next().cloned();
        }
        let value = word.strip_prefix(name);
        if let Some(value) = value.and_then(|rest| rest.strip_prefix('=')) {
            return Some(value.to_owned());
        }
    }
    None
}

fn refuse_arguments(words: &[String]) -> Result<()> {
    if option(words, "--target-dir").is_some() {
        return Err("it builds in a target folder of its own: say where by \
                    CARGO_TARGET_DIR, not by --target-dir"
            .into());
    }
    match option(words, "--target") {
        Some(target) if target != TARGET => {
            Err(format!("it audits programs for {TARGET}, not for {target}"))
        }
        _ => Ok(()),
    }
}

/// A runner of the user's would no longer run.
fn refuse_runner() -> Result<()> {
    let place = if env::var_os(RUNNER).is_some() {
        RUNNER.to_owned()
    } else if let Some(file) = config::with_runner(TARGET)? {
        file
    } else {
        return Ok(());
    };
    Err(format!(
        "{place} sets a runner, which programs would then run without: take \
         it away, or audit such a program by `ferrule audit -- PROGRAM`"
    ))
}

/// Where the audit builds: in the target folder that Cargo would use.
fn target_folder(cargo: &OsString, words: &[String]) -> Result<PathBuf> {
    let mut command = Command::new(cargo);
    command.args(["metadata", "--no-deps", "--format-version=1"]);
    if let Some(manifest) = option(words, "--manifest-path") {
        command.arg("--manifest-path").arg(manifest);
    }
    let done = command.output().map_err(|e| format!("cargo: {e}"))?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).trim().to_owned());
    }
    let said: serde_json::Value = serde_json::from_slice(&done.stdout)
        .map_err(|e| format!("cargo metadata: {e}"))?;
    let folder = said["target_directory"].as_str();
    let folder = folder.ok_or("cargo metadata names no target folder")?;
    Ok(Path::new(folder).join("ferrule-audit"))
}

/// Write what is carried to files: their folder.
fn unpack(target: &Path) -> Result<PathBuf> {
    let folder = target.join("bin");
    let write = |name: &str, bytes: &[u8]| -> io::Result<()> {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        // Another run may use the file that is there.
        let new = folder.join(format!("{name}.{}", std::process::id()));
        fs::write(&new, bytes)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
        fs::rename(&new, &path)
    };
    fs::create_dir_all(&folder)
        .and_then(|()| write("ferrule-audit", PROGRAM))
        .and_then(|()| write("libferrule_audit.so", OBJECT))
        .map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(folder)
}

/// A folder for what is noted of each process, which is removed at the end.
struct Logs(String);

impl Logs {
    fn new() -> Result<Self> {
        let name = format!("ferrule-cargo-{}", std::process::id());
        let path = env::temp_dir().join(name);
        let text = path.to_str().filter(|path| !path.contains(' '));
        let text = text.ok_or(format!(
            "{}: Cargo cannot name a folder with a space to a runner: set \
             TMPDIR to another one",
            path.display()
        ))?;
        fs::create_dir(&path).map_err(|e| format!("{text}: {e}"))?;
        Ok(Self(text.to_owned()))
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        if let Err(e) = fs::remove_dir_all(&self.0) {
            eprintln!("{NAME}: {}: {e}", self.0);
        }
    }
}

/// Whether `cargo test` would also run doctests: it does if nothing else is
/// asked for.
fn runs_doctests(words: &[String]) -> bool {
    let others = [
        "--lib",
        "--bin",
        "--bins",
        "--test",
        "--tests",
        "--example",
        "--examples",
        "--bench",
        "--benches",
        "--all-targets",
        "--no-run",
    ];
    words[0].starts_with('t')
        && !of_cargo(words).any(|word| {
            others.contains(&word.split('=').next().unwrap_or(word))
        })
}

/// Of Cargo; (0, 0) if it does not say.
fn version_of(cargo: &OsString) -> (u32, u32) {
    let said = Command::new(cargo).arg("--version").output();
    let said = said.map(|done| done.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let mut numbers = said
        .split([' ', '.'])
        .skip(1)
        .map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The profiles that Cargo may build in: its own, and one that is named.
fn profiles(words: &[String]) -> Vec<String> {
    let mut found = vec!["dev", "test", "release", "bench"];
    let named = option(words, "--profile");
    found.extend(named.as_deref());
    let name = |profile: &str| profile.to_uppercase().replace('-', "_");
    found.into_iter().map(name).collect()
}

/// What runs Cargo.
fn command(
    cargo: &OsString,
    arguments: &Arguments,
    target: &Path,
    tools: &Path,
    logs: &str,
) -> Result<Command> {
    let mut path = vec![tools.to_path_buf()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let path = env::join_paths(path)
        .map_err(|e| format!("{}: {e}", tools.display()))?;
    let mut runner = vec!["ferrule-audit", "--collect", logs];
    runner.extend(arguments.runner.iter().map(String::as_str));
    let runner = runner.join(" ");
    let mut command = Command::new(cargo);
    command
        .args(&arguments.cargo)
        .env("CARGO_TARGET_DIR", target)
        // By its name: a path could have a space, at which Cargo would cut.
        .env("PATH", path)
        .env(RUNNER, format!("{runner} --"));
    for profile in profiles(&arguments.cargo) {
        for (key, value) in PROFILE {
            command.env(format!("CARGO_PROFILE_{profile}_{key}"), value);
        }
    }
    Ok(command)
}

/// As a shell has it.
fn code_of(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}

/// Report what was noted: the exit code.
fn report(
    arguments: &Arguments,
    tools: &Path,
    logs: &str,
    code: u8,
) -> Result<u8> {
    let program = tools.join("ferrule-audit");
    let status = Command::new(&program)
        .args(["--collected", logs, "--status", &code.to_string()])
        .args(&arguments.report)
        .args(arguments.runner.iter().filter(|word| *word == "--fast"))
        .args(["--", "cargo"])
        .args(&arguments.cargo)
        .status()
        .map_err(|e| format!("{}: {e}", program.display()))?;
    Ok(code_of(status))
}
