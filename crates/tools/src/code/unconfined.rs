//! Systems on which nothing holds a guest back but limits: Python is refused there, the embedded interpreter is not.

use std::io;
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::Pid;

use super::folder::Folder;
use super::plan::Shown;
use super::{CodeError, Limits};

/// What this system can do to confine a guest.
#[derive(Debug, Clone)]
pub(super) struct Confinement {
    shown: Shown,
    missing: Vec<String>,
}

/// The confinement of one guest.
#[derive(Debug)]
pub(super) struct Cell {
    limits: Vec<(Resource, u64)>,
    replies: RawFd,
}

impl Confinement {
    pub(super) fn new(shown: Shown) -> Self {
        let missing = vec![format!("a sandbox of {}", std::env::consts::OS)];
        Self { shown, missing }
    }

    /// What is missing for a sandbox.
    pub(super) fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What would be one more wall, and is not there.
    pub(super) fn lacking(&self) -> &[String] {
        &[]
    }

    /// What is in force, in words.
    pub(super) fn enforced(&self) -> Vec<String> {
        vec!["rlimits".to_owned()]
    }

    /// There is nothing to look at.
    pub(super) fn verify(&self, _: Pid) -> Result<(), CodeError> {
        Ok(())
    }

    /// Prepares the limits of a guest.
    pub(super) fn cell(&self, _: &Folder, limits: &Limits, one_shot: bool, replies: RawFd) -> Result<Cell, CodeError> {
        let mut bounds = vec![
            (Resource::RLIMIT_AS, limits.memory.saturating_add(self.shown.overhead)),
            (Resource::RLIMIT_FSIZE, limits.file_size),
            (Resource::RLIMIT_NOFILE, u64::from(limits.open_files)),
            (Resource::RLIMIT_CORE, 0),
        ];
        if one_shot {
            bounds.push((Resource::RLIMIT_CPU, limits.cpu.as_secs().saturating_add(1)));
        }
        Ok(Cell { limits: bounds, replies })
    }
}

impl Cell {
    /// Makes a command start within the limits, in a group of its own.
    #[allow(unsafe_code)]
    pub(super) fn lock(self, command: &mut Command) {
        // SAFETY: `enter` makes system calls on memory that was prepared before the fork, and allocates nothing.
        unsafe {
            command.pre_exec(move || self.enter());
        }
    }

    #[allow(unsafe_code)]
    fn enter(&self) -> io::Result<()> {
        nix::unistd::setsid()?;
        for (resource, most) in &self.limits {
            // Some systems know a limit by name only.
            let _ = setrlimit(*resource, *most, *most);
        }
        // SAFETY: the descriptor was made for this guest and is open in it.
        let kept = unsafe { libc::fcntl(self.replies, libc::F_SETFD, 0) };
        if kept == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}
