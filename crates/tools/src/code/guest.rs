//! The process that runs the code, and what the host sees of it.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::folder::Folder;
use super::plan::Plan;
use super::printed::Capture;
use super::usage::Usage;
use super::wire::{FromGuest, Lines, ToGuest};
use super::{Bound, CodeError};

/// How long an interpreter may take to start.
const START: Duration = Duration::from_secs(30);
/// How long the host waits at most before it looks at the clock and at what the guest uses.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// A process that runs code. When it is dropped it is killed with all its group, and its folder is removed.
#[derive(Debug)]
pub(super) struct Guest {
    child: Child,
    pid: Pid,
    is_reaped: bool,
    requests: Option<File>,
    outbox: Vec<u8>,
    replies: Option<File>,
    lines: Lines,
    stdout: Option<File>,
    stderr: Option<File>,
    pub(super) printed: Capture,
    pub(super) complained: Capture,
    usage: Usage,
    folder: Folder,
}

/// What became of a guest while the host looked.
#[derive(Debug)]
pub(super) enum Sight {
    /// Nothing that matters.
    Nothing,
    /// It said something.
    Said(FromGuest),
    /// It said what is no message, or closed what it speaks through.
    Severed,
    /// Its process has ended.
    Ended(ExitStatus),
}

impl Guest {
    /// Starts a guest and waits until it is ready.
    pub(super) fn start(plan: &Plan, one_shot: bool) -> Result<Self, CodeError> {
        let mut guest = Self::spawn(plan, one_shot)?;
        let since = Instant::now();
        loop {
            match guest.look() {
                Sight::Said(FromGuest::Ready {}) => return Ok(guest),
                Sight::Nothing if since.elapsed() < START => {}
                Sight::Nothing => return Err(guest.stillborn("it was not ready in time")),
                Sight::Ended(status) => return Err(guest.stillborn(&status.to_string())),
                Sight::Said(_) | Sight::Severed => return Err(guest.stillborn("it spoke out of turn")),
            }
        }
    }

    fn spawn(plan: &Plan, one_shot: bool) -> Result<Self, CodeError> {
        let folder = Folder::new()?;
        let broken = |error: io::Error| CodeError::broken("a pipe to the interpreter cannot be made", error);
        let (theirs_in, requests) = io::pipe().map_err(broken)?;
        let (stdout, theirs_out) = io::pipe().map_err(broken)?;
        let (mut stderr, theirs_err) = io::pipe().map_err(broken)?;
        let (replies, theirs_replies) = io::pipe().map_err(broken)?;
        let mut command = plan.command(&folder, one_shot, &theirs_replies)?;
        command.stdin(Stdio::from(theirs_in)).stdout(Stdio::from(theirs_out)).stderr(Stdio::from(theirs_err));
        let spawned = command.spawn();
        drop(command);
        drop(theirs_replies);
        let child = spawned.map_err(|error| {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said);
            CodeError::broken("the interpreter cannot be started", format!("{} {error}", said.trim()))
        })?;
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("process ids are positive 32-bit numbers"));
        let guest = Self {
            pid,
            child,
            is_reaped: false,
            requests: Some(unblocked_writer(requests)),
            outbox: Vec::new(),
            replies: Some(unblocked(replies)),
            lines: Lines::default(),
            stdout: Some(unblocked(stdout)),
            stderr: Some(unblocked(stderr)),
            printed: Capture::new(plan.limits.stdout),
            complained: Capture::new(plan.limits.stderr),
            usage: Usage::new(pid),
            folder,
        };
        Ok(guest)
    }

    fn stillborn(&mut self, why: &str) -> CodeError {
        let said = self.complained.take().text;
        CodeError::broken("the interpreter does not start in the sandbox", format!("{why} {}", said.trim()))
    }

    /// Says something to the guest, as soon as it listens.
    pub(super) fn say(&mut self, message: &ToGuest) {
        self.outbox.extend(message.line());
    }

    /// Says nothing more; a guest that is asked for nothing ends.
    pub(super) fn dismiss(&mut self) {
        self.requests = None;
    }

    /// The number of its process.
    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// Takes in what the guest printed and said. It waits a moment where there is nothing.
    pub(super) fn look(&mut self) -> Sight {
        match self.lines.next() {
            Ok(Some(line)) => return self.read(&line),
            Ok(None) => {}
            Err(_) => return Sight::Severed,
        }
        self.wait();
        self.listen();
        if let Some(replies) = &mut self.replies {
            let lines = &mut self.lines;
            if !drain(replies, |piece| lines.push(piece)) {
                self.replies = None;
            }
        }
        match self.lines.next() {
            Ok(Some(line)) => self.read(&line),
            Ok(None) if self.replies.is_some() => Sight::Nothing,
            Ok(None) => match self.ended() {
                Some(status) => Sight::Ended(status),
                None => Sight::Nothing,
            },
            Err(_) => Sight::Severed,
        }
    }

    fn read(&mut self, line: &[u8]) -> Sight {
        match serde_json::from_slice(line) {
            Ok(message) => Sight::Said(message),
            Err(_) => Sight::Severed,
        }
    }

    /// Waits until there is something to read or to write, or a tick has passed.
    fn wait(&mut self) {
        let mut awaited = Vec::with_capacity(4);
        for pipe in [&self.stdout, &self.stderr, &self.replies].into_iter().flatten() {
            awaited.push(PollFd::new(pipe.as_fd(), PollFlags::POLLIN));
        }
        if let Some(requests) = &self.requests
            && !self.outbox.is_empty()
        {
            awaited.push(PollFd::new(requests.as_fd(), PollFlags::POLLOUT));
        }
        // Once it speaks no more only its end is awaited, of which no pipe tells.
        let most = if self.replies.is_some() { TICK } else { TICK / 10 };
        let most = PollTimeout::try_from(most).expect("a tick is short");
        // An interruption is as good as a tick.
        let _ = poll(&mut awaited, most);
    }

    /// Passes on what is to be said, and takes in what was printed.
    pub(super) fn listen(&mut self) {
        if let Some(requests) = &mut self.requests
            && !self.outbox.is_empty()
        {
            match requests.write(&self.outbox) {
                Ok(written) => drop(self.outbox.drain(..written)),
                Err(error) if is_for_later(&error) => {}
                Err(_) => self.requests = None,
            }
        }
        for (pipe, capture) in [(&mut self.stdout, &mut self.printed), (&mut self.stderr, &mut self.complained)] {
            if let Some(open) = pipe
                && !drain(open, |piece| capture.push(piece))
            {
                *pipe = None;
            }
        }
    }

    /// Which limit the guest has gone beyond, apart from time.
    pub(super) fn exceeds(&mut self, plan: &Plan) -> Option<Bound> {
        if self.printed.bytes().saturating_add(self.complained.bytes()) > plan.limits.output {
            return Some(Bound::Output);
        }
        self.usage.exceeds(&plan.limits, &self.folder)
    }

    /// A new call begins: its processor time and its output are counted from here.
    pub(super) fn begin(&mut self) {
        self.usage.begin();
    }

    /// The guest, if it is alive.
    pub(super) fn if_alive(mut self) -> Option<Self> {
        if self.ended().is_none() { Some(self) } else { None }
    }

    /// How the process ended, if it has.
    fn ended(&mut self) -> Option<ExitStatus> {
        self.is_over().then(|| self.end())
    }

    /// Whether the process has ended. It is not reaped yet, so that its number, by which its group is killed, cannot
    /// have been given away.
    #[cfg(target_os = "linux")]
    fn is_over(&self) -> bool {
        use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        self.is_reaped || !matches!(waitid(Id::Pid(self.pid), flags), Ok(WaitStatus::StillAlive))
    }

    #[cfg(not(target_os = "linux"))]
    fn is_over(&mut self) -> bool {
        self.is_reaped || !matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills the guest and all its group, if it is not dead already, and takes in the last that it printed.
    pub(super) fn end(&mut self) -> ExitStatus {
        if !self.is_reaped {
            let _ = killpg(self.pid, Signal::SIGKILL);
            let _ = self.child.kill();
        }
        let status = self.child.wait().unwrap_or_else(|_| ExitStatus::from_raw(Signal::SIGKILL as i32));
        self.is_reaped = true;
        self.listen();
        status
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.end();
    }
}

/// How many bytes are read from one pipe before the others have their turn.
const MOUTHFUL: usize = 1 << 20;

/// Reads what is there. Gives whether the pipe is still open.
fn drain(pipe: &mut File, mut take: impl FnMut(&[u8])) -> bool {
    let mut buffer = [0; 16 << 10];
    let mut read = 0;
    while read < MOUTHFUL {
        match pipe.read(&mut buffer) {
            Ok(0) => return false,
            Ok(length) => {
                take(&buffer[..length]);
                read += length;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return is_for_later(&error),
        }
    }
    true
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

fn unblocked(pipe: PipeReader) -> File {
    let file = File::from(std::os::fd::OwnedFd::from(pipe));
    unblock(&file);
    file
}

fn unblocked_writer(pipe: PipeWriter) -> File {
    let file = File::from(std::os::fd::OwnedFd::from(pipe));
    unblock(&file);
    file
}

fn unblock(file: &File) {
    // A pipe that was just made takes every flag.
    let set = fcntl(file.as_fd(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK));
    debug_assert!(set.is_ok(), "pipe {} cannot be read without waiting", file.as_raw_fd());
}
