//! How much a piece of code may use.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much a piece of code may use. What goes beyond ends it, and the outcome says which limit it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long one call may take, functions of the host included.
    pub wall: Duration,
    /// How much time of a processor one call may use, all threads together.
    pub cpu: Duration,
    /// How large its memory may be, in bytes of address space; for the embedded interpreter, of the heap.
    pub memory: u64,
    /// How many threads there may be at once. Other processes there are none.
    pub threads: u32,
    /// How deep functions may call each other at first. Code in Python may raise it, at the risk of a crash of its own.
    pub recursion: u32,
    /// How large one file may be, in bytes.
    pub file_size: u64,
    /// How many bytes may be written to files in the life of a session, and how many may lie there.
    pub disk: u64,
    /// How many files and folders may lie there.
    pub files: u64,
    /// How many files may be open at once.
    pub open_files: u32,
    /// How many characters of standard output are kept of a call.
    pub stdout: usize,
    /// How many characters of standard error are kept of a call.
    pub stderr: usize,
    /// How many bytes one call may print in all, kept or not.
    pub output: u64,
    /// How many characters of the value of the last expression are kept.
    pub value: usize,
    /// How many bytes the code may have.
    pub source: usize,
    /// How many functions of the host one call may call.
    pub calls: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(50),
            cpu: Duration::from_secs(50),
            memory: 1 << 30,
            threads: 64,
            recursion: 1_000,
            file_size: 64 << 20,
            disk: 256 << 20,
            files: 10_000,
            open_files: 128,
            stdout: 20_000,
            stderr: 4_000,
            output: 16 << 20,
            value: 4_000,
            source: 1 << 20,
            calls: 1_000,
        }
    }
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bound {
    /// [`Limits::wall`].
    Wall,
    /// [`Limits::cpu`].
    Cpu,
    /// [`Limits::memory`].
    Memory,
    /// [`Limits::threads`].
    Threads,
    /// [`Limits::disk`] or [`Limits::files`].
    Disk,
    /// [`Limits::output`].
    Output,
    /// [`Limits::source`].
    Source,
    /// [`Limits::calls`].
    Calls,
}

impl Bound {
    /// What the limit is of, in words: `memory`.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Wall => "time",
            Self::Cpu => "processor time",
            Self::Memory => "memory",
            Self::Threads => "threads",
            Self::Disk => "disk",
            Self::Output => "output",
            Self::Source => "length of the code",
            Self::Calls => "calls of host functions",
        }
    }
}
