// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every lesson in the safe lane uses.

pub use ferrule_lane::{Input, Recorder};

#[path = "witness.rs"]
mod witness;

pub use witness::{Witness, witness_seen};
#[path = "../../raw/gate.rs"]
mod gate;
#[path = "../../raw/plugins.rs"]
mod plugins;
#[path = "../../raw/programs.rs"]
mod programs;

pub use gate::{Gate, Sleeper, block_on};
pub use plugins::{is_mapped, lay_plugins, plugins_log};
pub use programs::{lay_plugin, run_program, trailer};

/// Records the types of the wrapper as the facts that C would record.
pub trait Record {
    /// Record the status of `result`.
    fn result<T>(&mut self, label: &str, result: &sgz::Result<T>);

    /// Record the details of a failure.
    fn failure(&mut self, label: &str, error: &sgz::Error);
}

impl Record for Recorder {
    fn result<T>(&mut self, label: &str, result: &sgz::Result<T>) {
        let status = match result {
            Ok(_) => 0,
            Err(error) => error.status().code(),
        };

        self.status(label, status);
    }

    fn failure(&mut self, label: &str, error: &sgz::Error) {
        let offset = error
            .offset()
            .map_or(-1, |at| i64::try_from(at).unwrap_or(i64::MAX));

        self.error(
            label,
            error.status().code(),
            error.os_error().unwrap_or(0),
            offset,
            error.message(),
        );
    }
}
