//! How guests are started: found out once, used for every one.

use std::ffi::OsString;
use std::io::PipeWriter;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::Command;

use super::confinement::Confinement;
use super::folder::Folder;
use super::{CodeError, Limits};

/// How guests are started.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// The variable by which an executable of ours knows that it is a guest.
    pub(super) marker: Option<&'static str>,
    pub(super) confinement: Confinement,
    pub(super) limits: Limits,
}

/// What of the machine a guest is shown.
#[derive(Debug, Clone, Default)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "where nothing is hidden, nothing has to be shown"))]
pub(super) struct Shown {
    /// What it is started from.
    pub(super) program: PathBuf,
    /// Files and folders that it may read.
    pub(super) readable: Vec<PathBuf>,
    /// How much address space it takes before any code runs.
    pub(super) overhead: u64,
}

impl Plan {
    /// The command that starts a guest in a folder.
    pub(super) fn command(&self, folder: &Folder, one_shot: bool, replies: &PipeWriter) -> Result<Command, CodeError> {
        let mut command = Command::new(&self.program);
        let replies = replies.as_raw_fd();
        let Limits { recursion, value, memory, .. } = self.limits;
        let settings = [replies.to_string(), recursion.to_string(), value.to_string()];
        command.args(&self.arguments).current_dir(folder.path()).env_clear();
        command.env("HOME", folder.path()).env("TMPDIR", folder.path()).env("LANG", "C.UTF-8");
        // Each thread takes address space; numeric libraries start one for each core where nobody says otherwise.
        command.env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1").env("MKL_NUM_THREADS", "1");
        match self.marker {
            Some(marker) => {
                command.env(marker, format!("{} {memory} {}", settings.join(" "), self.limits.cpu.as_millis()))
            }
            None => command.args(settings),
        };
        self.confinement.cell(folder, &self.limits, one_shot, replies)?.lock(&mut command);
        Ok(command)
    }
}
