// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo ferrule COMMAND`: what Ferrule does for the crate of the current
//! folder. Cargo starts this program, with `ferrule` as the first word.

use std::process::ExitCode;

use ferrule_drift::command;

mod audit;
mod config;
mod signals;

const USAGE: &str = "\
Usage: cargo ferrule COMMAND [OPTION...]

Commands:
  audit      Run tests or a program, and report memory that is freed by the
             side that does not own it.
  drift      Compare the declarations of a C library with its header.

  --help     Print this text; `cargo ferrule COMMAND --help` for a command's.
  --version  Print the version.

Exit status: that of the command; 2 if there is no such command.
";

/// A command: its name, and what does it with the words behind.
type Command = (&'static str, fn(Vec<String>) -> ExitCode);

/// All that there are.
const COMMANDS: [Command; 2] = [("audit", audit::main), ("drift", drift)];

fn drift(words: Vec<String>) -> ExitCode {
    command::OF_CARGO.main(words)
}

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    // As Cargo calls it; a person who calls it by its own name may leave it
    // out.
    if words.first().is_some_and(|word| word == "ferrule") {
        words.remove(0);
    }
    if words.is_empty() {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    }
    let name = words.remove(0);
    match name.as_str() {
        "--help" | "-h" | "help" => print!("{USAGE}"),
        "--version" | "-V" => {
            println!("cargo-ferrule {}", env!("CARGO_PKG_VERSION"));
        }
        _ => {
            let found = COMMANDS.iter().find(|(known, _)| *known == name);
            let Some((_, run)) = found else {
                eprintln!(
                    "cargo ferrule: there is no command {name}\n\n{USAGE}"
                );
                return ExitCode::from(2);
            };
            return run(words);
        }
    }
    ExitCode::SUCCESS
}
