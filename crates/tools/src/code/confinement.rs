//! What a guest may not do, whatever its code says: the system's own means, applied before it starts.

mod calls;
mod enter;
mod files;
mod loader;

use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::resource::Resource;
use nix::unistd::geteuid;
use seccompiler::BpfProgram;

use super::folder::Folder;
use super::plan::Shown;
use super::{CodeError, Limits};
pub(super) use calls::Calls;

/// What this system can do to confine a guest. Found out once; each guest gets a [`Cell`] of its own.
#[derive(Debug, Clone)]
pub(super) struct Confinement {
    shown: Shown,
    landlock: i32,
    calls: Option<Arc<Calls>>,
    user: Option<User>,
    /// What is missing for a sandbox.
    missing: Vec<String>,
    /// What would be one more wall.
    lacking: Vec<String>,
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
        let calls = if calls::is_available() {
            Calls::new(landlock >= files::SIGNALS_SINCE).map(Arc::new).map_err(|error| error.to_string())
        } else {
            Err("the system has none".to_owned())
        };
        if let Err(reason) = &calls {
            missing.push(format!("seccomp (system calls): {reason}"));
        }
        let mut lacking = Vec::new();
        if (1..files::SIGNALS_SINCE).contains(&landlock) {
            lacking.push(format!("landlock for signals (ABI {}; seccomp refuses them)", files::SIGNALS_SINCE));
        }
        let user = if geteuid().is_root() { User::choose(&shown, landlock).map(Some) } else { Ok(None) };
        if let Err(reason) = &user {
            lacking.push(format!("a user of its own: {reason}"));
        }
        Self { shown, landlock, calls: calls.ok(), user: user.unwrap_or(None), missing, lacking }
    }

    /// What is missing for a sandbox.
    pub(super) fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What would be one more wall, and is not there.
    pub(super) fn lacking(&self) -> &[String] {
        &self.lacking
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
            None => enforced.push("no capabilities".to_owned()),
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
        let holds = field("NoNewPrivs") == "1"
            && (field("Seccomp") == "2" || self.calls.is_none())
            && field("CapEff") == capabilities
            && user_is_own;
        if holds {
            Ok(())
        } else {
            let reason = format!("the interpreter runs, but is not confined as it should be: {status}");
            Err(CodeError::Broken { reason })
        }
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

impl User {
    /// Root gives the guest a user of its own. Where what it is started from lies in folders that others may not enter,
    /// it keeps the one capability to pass through them, which is safe only while landlock says what it may open.
    fn choose(shown: &Shown, landlock: i32) -> Result<Self, String> {
        const CAP_CHOWN: u64 = 1 << 0;
        const CAP_DAC_READ_SEARCH: u64 = 1 << 2;
        const CAP_KILL: u64 = 1 << 5;
        const CAP_SETGID: u64 = 1 << 6;
        const CAP_SETUID: u64 = 1 << 7;
        let read = |name: &str| std::fs::read_to_string(format!("/proc/thread-self/{name}")).unwrap_or_default();
        let status = read("status");
        let held = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
        let held = held.and_then(|held| u64::from_str_radix(held.trim(), 16).ok()).unwrap_or(0);
        let needed = CAP_CHOWN | CAP_KILL | CAP_SETGID | CAP_SETUID;
        if held & needed != needed {
            return Err("root may not change users here".to_owned());
        }
        if !maps_users(&read("uid_map")) || !maps_users(&read("gid_map")) {
            return Err("this container has no users to spare".to_owned());
        }
        let temp = std::env::temp_dir();
        let mut paths = shown.readable.iter().chain([&shown.program, &temp]);
        let passes = paths.any(|path| path.exists() && !files::is_open_to_others(path));
        if passes && (landlock < 1 || held & CAP_DAC_READ_SEARCH == 0) {
            return Err("the interpreter lies where no other user may enter".to_owned());
        }
        Ok(Self { passes })
    }
}

/// Whether a map of users, as the system writes it, holds those that are given to guests.
fn maps_users(map: &str) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let (Some(Ok(first)), Some(Ok(_)), Some(Ok(length))) = (numbers.next(), numbers.next(), numbers.next()) else {
            return false;
        };
        first <= USERS.start && USERS.end <= first.saturating_add(length)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_of_users_are_read() {
        for (map, holds) in [
            ("         0          0 4294967295\n", true),
            ("0 1000 1\n1 100000 65536\n", true),
            ("0 1000 1\n", false),
            ("0 100000 65000\n", false),
            ("", false),
            ("garbage", false),
        ] {
            assert_eq!(maps_users(map), holds, "{map:?}");
        }
    }

    #[test]
    fn each_guest_has_another_user() {
        let (first, second) = (fresh_user(), fresh_user());
        assert_ne!(first, second);
        assert!(USERS.contains(&first) && USERS.contains(&second));
    }
}
