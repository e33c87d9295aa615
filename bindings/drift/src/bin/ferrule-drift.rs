// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ferrule-drift`: the drift check for any header and any Rust file.

use std::process::ExitCode;

use ferrule_drift::command;

fn main() -> ExitCode {
    command::PLAIN.main(std::env::args().skip(1))
}
