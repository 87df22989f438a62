//! What a guest uses, as far as the system says.

use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::folder::Folder;
use super::{Bound, Limits};

/// How often the system is asked.
const OFTEN: Duration = Duration::from_millis(20);
/// How often the folder is weighed.
const SELDOM: Duration = Duration::from_millis(250);
/// How many ticks the system's clock for processes makes in a second, on every architecture of Linux in use.
const TICKS_PER_SECOND: u64 = 100;

/// Watches what a guest uses.
#[derive(Debug)]
pub(super) struct Usage {
    pid: Pid,
    ticks_before: u64,
    asked: Instant,
    weighed: Instant,
}

impl Usage {
    pub(super) fn new(pid: Pid) -> Self {
        Self { pid, ticks_before: 0, asked: Instant::now(), weighed: Instant::now() }
    }

    /// Counts processor time from here.
    pub(super) fn begin(&mut self) {
        self.ticks_before = self.stat().map_or(0, |stat| stat.ticks);
    }

    /// The limit that the guest is beyond, if it was time to look and there is one.
    pub(super) fn exceeds(&mut self, limits: &Limits, folder: &Folder) -> Option<Bound> {
        if self.asked.elapsed() < OFTEN {
            return None;
        }
        self.asked = Instant::now();
        if let Some(stat) = self.stat() {
            let ticks = stat.ticks.saturating_sub(self.ticks_before);
            if Duration::from_millis(ticks * (1_000 / TICKS_PER_SECOND)) > limits.cpu {
                return Some(Bound::Cpu);
            }
            if stat.threads > u64::from(limits.threads) {
                return Some(Bound::Threads);
            }
        }
        // What it prints is written too, and is counted on its own.
        if self.written().is_some_and(|written| written > limits.disk.saturating_add(limits.output)) {
            return Some(Bound::Disk);
        }
        if self.weighed.elapsed() < SELDOM {
            return None;
        }
        let weight = folder.weigh(limits.files);
        self.weighed = Instant::now();
        let is_over = weight.bytes > limits.disk || weight.entries > limits.files || weight.is_hidden;
        is_over.then_some(Bound::Disk)
    }

    fn stat(&self) -> Option<Stat> {
        Stat::parse(&std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?)
    }

    /// How many bytes the guest has written in its life. Some systems do not tell the host of a guest with another user.
    fn written(&self) -> Option<u64> {
        let io = std::fs::read_to_string(format!("/proc/{}/io", self.pid)).ok()?;
        let field = |name: &str| io.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        Some(field("wchar:")?.max(field("write_bytes:").unwrap_or(0)))
    }
}

/// What the system says of a process in a line.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    ticks: u64,
    threads: u64,
}

impl Stat {
    fn parse(line: &str) -> Option<Self> {
        // The name of the program stands in brackets, and may hold anything.
        let (_, rest) = line.rsplit_once(')')?;
        let field = |at: usize| rest.split_whitespace().nth(at - 3)?.parse::<u64>().ok();
        Some(Self { ticks: field(14)? + field(15)?, threads: field(20)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_system_is_read() {
        let line = "17 (a) b (c) S 1 17 17 0 -1 4194560 100 0 0 0 12 30 0 0 20 0 7 0 999 1 2";
        assert_eq!(Stat::parse(line), Some(Stat { ticks: 42, threads: 7 }));
        assert_eq!(Stat::parse("17 a"), None);
        assert_eq!(Stat::parse("17 (a) S 1"), None);
    }
}
