// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signals while Cargo runs: they end Cargo, and this program goes on to the
//! report.

use std::fs;
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::thread;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// From when it is made, a signal no longer ends this program.
pub struct Signals(signal_hook::iterator::Signals);

impl Signals {
    /// All that would end this program. One that it ignores, as below `nohup`,
    /// stays ignored, here and by what it runs.
    pub fn catch() -> io::Result<Self> {
        let said = fs::read_to_string("/proc/self/status")?;
        let ignored = said
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .unwrap_or(0);
        let caught = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
            .into_iter()
            .filter(|number| ignored >> (number - 1) & 1 == 0);
        signal_hook::iterator::Signals::new(caught).map(Self)
    }

    /// Run `command` to its end. It gets the signals: those of a terminal by
    /// itself, the others from here.
    pub fn run(mut self, command: &mut Command) -> io::Result<ExitStatus> {
        let mut child = command.spawn()?;
        let pid = Pid::from_child(&child);
        let handle = self.0.handle();
        let passing = thread::spawn(move || {
            for number in self.0.forever() {
                let signal = match number {
                    SIGHUP => Signal::HUP,
                    SIGTERM => Signal::TERM,
                    _ => continue,
                };
                // It may have ended just now.
                let _ = rustix::process::kill_process(pid, signal);
            }
        });
        let ended = wait_for(&child);
        handle.close();
        let joined = passing.join();
        ended?;
        joined.map_err(|_| io::Error::other("signals cannot be read"))?;
        child.wait()
    }
}

/// Until `child` has ended, and leave its number taken: nothing else gets a
/// signal that was for it.
fn wait_for(child: &Child) -> io::Result<()> {
    let id = WaitId::Pid(Pid::from_child(child));
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    rustix::io::retry_on_intr(|| rustix::process::waitid(id.clone(), options))?;
    Ok(())
}
