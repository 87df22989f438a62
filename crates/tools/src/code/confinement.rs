//! What a guest may not do, whatever its code says: the system's own means, applied before it starts.

mod calls;
mod enter;
mod files;

use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::resource::Resource;
use nix::unistd::geteuid;
use seccompiler::BpfProgram;

use super::folder::Folder;
use super::{CodeError, Limits};
pub(super) use calls::Calls;

/// What of the machine a guest is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// What it is started from.
    pub(super) program: PathBuf,
    /// Files and folders that it may read.
    pub(super) readable: Vec<PathBuf>,
    /// How much address space it takes before any code runs.
    pub(super) overhead: u64,
}

/// What this system can do to confine a guest. Found out once; each guest gets a [`Cell`] of its own.
#[derive(Debug, Clone)]
pub(super) struct Confinement {
    shown: Shown,
    landlock: i32,
    calls: Option<Arc<Calls>>,
    user: Option<User>,
    missing: Vec<String>,
}

/// How the user of the guest is chosen where the host is root.
#[derive(Debug, Clone, Copy)]
struct User {
    /// Whether it has to keep the right to pass through folders of others, because what it is started from lies there.
    passes: bool,
}

/// The confinement of one guest.
#[derive(Debug)]
pub(super) struct Cell {
    files: Option<OwnedFd>,
    calls: Option<Arc<Calls>>,
    /// The user that it runs as, where the host is root, and whether it may pass through folders of others.
    user: Option<(u32, bool)>,
    limits: Vec<(Resource, u64)>,
    /// The one file beside the standard three that it inherits.
    replies: RawFd,
    host: nix::unistd::Pid,
}

impl Confinement {
    /// Finds out what can be done here.
    pub(super) fn new(shown: Shown) -> Self {
        let landlock = files::version();
        let mut missing = Vec::new();
        if landlock < 1 {
            missing.push("landlock (files)".to_owned());
        }
        let calls = Calls::new(landlock >= files::SIGNALS_SINCE).map(Arc::new);
        if let Err(reason) = &calls {
            missing.push(format!("seccomp (system calls): {reason}"));
        }
        let mut confinement = Self { shown, landlock, calls: calls.ok(), user: None, missing };
        confinement.user = confinement.choose_user();
        if geteuid().is_root() && confinement.user.is_none() {
            confinement.missing.push("a user of its own".to_owned());
        }
        confinement
    }

    /// What is missing for a sandbox.
    pub(super) fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What is in force, in words.
    pub(super) fn enforced(&self) -> Vec<String> {
        let mut enforced = Vec::new();
        if self.landlock >= 1 {
            enforced.push(format!("landlock ABI {} (files)", self.landlock));
            if self.landlock >= files::SIGNALS_SINCE {
                enforced.push("landlock (signals, abstract sockets)".to_owned());
            }
        }
        if self.calls.is_some() {
            enforced.push("seccomp (no sockets, no processes, a list of allowed system calls)".to_owned());
        }
        match self.user {
            Some(User { passes: false }) => enforced.push("a user of its own, without capabilities".to_owned()),
            Some(User { passes: true }) => {
                enforced.push("a user of its own, with CAP_DAC_READ_SEARCH alone".to_owned());
            }
            None => {}
        }
        enforced.push("rlimits".to_owned());
        enforced.push("no new privileges".to_owned());
        enforced
    }

    /// Looks at the process of a guest, and fails where it is not confined as it should be.
    pub(super) fn verify(&self, pid: nix::unistd::Pid) -> Result<(), CodeError> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
            .map_err(|error| CodeError::broken("the process of the interpreter cannot be looked at", error))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|line| line.split_whitespace().next()).unwrap_or_default().to_owned()
        };
        let capabilities = match self.user {
            Some(User { passes: true }) => "0000000000000004",
            _ => "0000000000000000",
        };
        let user_is_own = self.user.is_none() || USERS.contains(&field("Uid").parse().unwrap_or(0));
        let seccomp = if self.calls.is_some() { "2" } else { "0" };
        let is_root = geteuid().is_root() && self.user.is_none();
        let holds = field("NoNewPrivs") == "1"
            && (field("Seccomp") == seccomp || self.calls.is_none())
            && (field("CapEff") == capabilities || is_root)
            && user_is_own;
        if holds {
            Ok(())
        } else {
            let reason = format!("the interpreter runs, but is not confined as it should be: {status}");
            Err(CodeError::Broken { reason })
        }
    }

    /// Root gives the guest a user of its own. Where what it is started from lies in folders that others may not enter,
    /// it keeps the one capability to pass through them, which is safe only while landlock says what it may open.
    fn choose_user(&self) -> Option<User> {
        if !geteuid().is_root() {
            return None;
        }
        let temp = std::env::temp_dir();
        let mut needed = self.shown.readable.iter().chain([&self.shown.program, &temp]);
        let passes = needed.any(|path| path.exists() && !files::is_open_to_others(path));
        (!passes || self.landlock >= 1).then_some(User { passes })
    }

    /// Prepares the confinement of a guest that may write in the folder alone.
    pub(super) fn cell(
        &self,
        folder: &Folder,
        limits: &Limits,
        one_shot: bool,
        replies: RawFd,
    ) -> Result<Cell, CodeError> {
        let files = if self.landlock >= 1 {
            let ruleset = files::ruleset(&self.shown, folder.path());
            ruleset.map_err(|error| CodeError::broken("landlock cannot be set up", error))?
        } else {
            None
        };
        let user = self.user.map(|user| (fresh_user(), user.passes));
        if let Some((id, _)) = user {
            std::os::unix::fs::chown(folder.path(), Some(id), Some(id))
                .map_err(|error| CodeError::broken("the folder for code cannot be given to its user", error))?;
        }
        let mut bounds = vec![
            (Resource::RLIMIT_AS, limits.memory.saturating_add(self.shown.overhead)),
            (Resource::RLIMIT_FSIZE, limits.file_size),
            (Resource::RLIMIT_NOFILE, u64::from(limits.open_files)),
            (Resource::RLIMIT_CORE, 0),
            (Resource::RLIMIT_STACK, STACK),
            (Resource::RLIMIT_MEMLOCK, 0),
            (Resource::RLIMIT_MSGQUEUE, 0),
        ];
        // In a session the time adds up over the calls; there the host watches it alone.
        if one_shot {
            bounds.push((Resource::RLIMIT_CPU, limits.cpu.as_secs().saturating_add(1)));
        }
        // The count is of all that runs under the user, so it says something of a user of its own only.
        if user.is_some() {
            bounds.push((Resource::RLIMIT_NPROC, u64::from(limits.threads)));
        }
        let host = nix::unistd::Pid::this();
        Ok(Cell { files, calls: self.calls.clone(), user, limits: bounds, replies, host })
    }
}

/// How large a stack may grow.
const STACK: u64 = 8 << 20;

impl Cell {
    /// Makes a command start in the cell.
    #[allow(unsafe_code)]
    pub(super) fn lock(self, command: &mut Command) {
        // SAFETY: `enter` makes system calls on memory that was prepared before the fork, and allocates nothing.
        unsafe {
            command.pre_exec(move || self.enter());
        }
    }
}

impl Calls {
    fn programs(&self) -> &[BpfProgram] {
        &self.0
    }
}

/// The users that are given to guests of root. No system hands them to people or services but for a short time, and a
/// collision shares nothing but the count of threads.
const USERS: std::ops::Range<u32> = 61_184..65_520;

fn fresh_user() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let turn = NEXT.fetch_add(1, Ordering::Relaxed);
    USERS.start + std::process::id().wrapping_mul(61).wrapping_add(turn) % (USERS.end - USERS.start)
}

/// The error of the last system call.
fn last() -> io::Error {
    io::Error::last_os_error()
}
