//! What a guest does to itself between the fork and the start of its program.
//!
//! Here only system calls are made, on memory that was prepared before: after the fork of a process with several
//! threads nothing may be allocated.

use std::io;
use std::os::fd::AsRawFd;

use nix::libc;
use nix::sys::resource::setrlimit;

use super::{Cell, last};

const CAP_DAC_READ_SEARCH: u32 = 2;
const LAST_CAPABILITY: libc::c_ulong = 63;
const CAPABILITIES_VERSION_3: u32 = 0x2008_0522;

#[repr(C)]
struct CapabilityHeader {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Capabilities {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

impl Cell {
    /// Goes into the cell. On a failure it says on standard error which step it was.
    pub(super) fn enter(&self) -> io::Result<()> {
        step(b"starting a session of its own", self.leave_session())?;
        step(b"closing what was inherited", self.close_inherited())?;
        step(b"setting limits", self.set_limits())?;
        step(b"becoming another user", self.change_user())?;
        step(b"tying its life to the host's", self.die_with_host())?;
        step(b"giving up new privileges", control(libc::PR_SET_NO_NEW_PRIVS, 1, 0))?;
        step(b"landlock", self.restrict_files())?;
        step(b"seccomp", self.restrict_calls())
    }

    fn leave_session(&self) -> io::Result<()> {
        nix::unistd::setsid()?;
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
        Ok(())
    }

    /// Leaves nothing open in the program but the standard three and the way to reply.
    #[allow(unsafe_code)]
    fn close_inherited(&self) -> io::Result<()> {
        // SAFETY: the call takes three numbers; the flag closes at the start of the program, not now.
        let closed = unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
        if closed != 0 {
            return Err(last());
        }
        // SAFETY: the descriptor was made for this guest and is open in it.
        let kept = unsafe { libc::fcntl(self.replies, libc::F_SETFD, 0) };
        if kept == 0 { Ok(()) } else { Err(last()) }
    }

    fn set_limits(&self) -> io::Result<()> {
        for (resource, most) in &self.limits {
            setrlimit(*resource, *most, *most)?;
        }
        Ok(())
    }

    /// Gives up root and every capability, but for the one to pass through folders where that is needed.
    #[allow(unsafe_code)]
    fn change_user(&self) -> io::Result<()> {
        let passes = self.user.is_some_and(|(_, passes)| passes);
        control(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong, 0)?;
        if let Some((user, _)) = self.user {
            for capability in 0..=LAST_CAPABILITY {
                if !(passes && capability == libc::c_ulong::from(CAP_DAC_READ_SEARCH)) {
                    // The system knows fewer capabilities than there is room for; those that it lacks do no harm.
                    let _ = control(libc::PR_CAPBSET_DROP, capability, 0);
                }
            }
            control(libc::PR_SET_KEEPCAPS, libc::c_ulong::from(passes), 0)?;
            // The calls are made directly: the C library's would tell other threads, of which there are none here.
            // SAFETY: the calls take numbers, and no list of groups is read where its length is nought.
            let changed = unsafe {
                libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) == 0
                    && libc::syscall(libc::SYS_setresgid, user, user, user) == 0
                    && libc::syscall(libc::SYS_setresuid, user, user, user) == 0
            };
            if !changed {
                return Err(last());
            }
        }
        let kept = if passes { 1 << CAP_DAC_READ_SEARCH } else { 0 };
        set_capabilities(kept)?;
        if passes {
            let raise = libc::PR_CAP_AMBIENT_RAISE as libc::c_ulong;
            control(libc::PR_CAP_AMBIENT, raise, libc::c_ulong::from(CAP_DAC_READ_SEARCH))?;
        }
        Ok(())
    }

    fn die_with_host(&self) -> io::Result<()> {
        control(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong, 0)?;
        // The host may have died before the wish was known.
        if nix::unistd::getppid() == self.host { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
    }

    #[allow(unsafe_code)]
    fn restrict_files(&self) -> io::Result<()> {
        let Some(files) = &self.files else { return Ok(()) };
        // SAFETY: the descriptor is a ruleset that is open, and there are no flags.
        let done = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, files.as_raw_fd(), 0) };
        if done == 0 { Ok(()) } else { Err(last()) }
    }

    fn restrict_calls(&self) -> io::Result<()> {
        let Some(calls) = &self.calls else { return Ok(()) };
        for program in calls.programs() {
            seccompiler::apply_filter(program).map_err(|_| last())?;
        }
        Ok(())
    }
}

#[allow(unsafe_code)]
fn set_capabilities(kept: u32) -> io::Result<()> {
    let header = CapabilityHeader { version: CAPABILITIES_VERSION_3, pid: 0 };
    let none = Capabilities { effective: 0, permitted: 0, inheritable: 0 };
    let low = Capabilities { effective: kept, permitted: kept, inheritable: kept };
    let sets = [low, none];
    // SAFETY: version 3 reads one header and two sets, which live until the call returns.
    let done = unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) };
    if done == 0 { Ok(()) } else { Err(last()) }
}

#[allow(unsafe_code)]
fn control(option: libc::c_int, first: libc::c_ulong, second: libc::c_ulong) -> io::Result<()> {
    let none: libc::c_ulong = 0;
    // SAFETY: none of the options that are used here takes a pointer.
    let done = unsafe { libc::prctl(option, first, second, none, none) };
    if done == 0 { Ok(()) } else { Err(last()) }
}

/// Says on standard error, which the host reads, what could not be done.
fn step(what: &'static [u8], done: io::Result<()>) -> io::Result<()> {
    if done.is_err() {
        let _ = nix::unistd::write(io::stderr(), what);
        let _ = nix::unistd::write(io::stderr(), b" failed\n");
    }
    done
}
