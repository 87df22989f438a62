//! Which system calls a guest may make: seccomp.
//!
//! Three filters are asked at every call, and the strictest answer counts. One lets through what is on a list and
//! answers the rest as a system would that does not know the call. One refuses by name what code is likely to try, so
//! that it reads "not permitted". One lets changes of mode and time succeed without doing them, and lists of attributes
//! be empty, because copying and unpacking ask for them in passing, and landlock would not hold them back on files
//! outside.

mod lists;

use std::collections::BTreeMap;

use nix::libc;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use lists::{ALLOWED, ARCHITECTURE, REFUSED, SILENT};

/// The filters, in the order in which they are set.
#[derive(Debug)]
pub(in super::super) struct Calls(pub(super) Vec<BpfProgram>);

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

impl Calls {
    /// Compiles the filters. Where landlock holds signals back, threads may signal each other, as `abort` does.
    pub(super) fn new(signals_are_held_back: bool) -> Result<Self, BackendError> {
        let silent = filter(simple(SILENT), SeccompAction::Allow, SeccompAction::Errno(0))?;
        let mut refused = simple(REFUSED);
        refused.extend(refused_by_argument()?);
        if !signals_are_held_back {
            refused.insert(libc::SYS_tgkill, Vec::new());
        }
        let refused = filter(refused, SeccompAction::Allow, errno(libc::EPERM))?;
        let mut allowed = simple(ALLOWED);
        allowed.extend(simple(ARCHITECTURE));
        // What the other two filters answer has to get past this one.
        allowed.extend(simple(SILENT));
        allowed.extend(simple(REFUSED));
        allowed.extend(refused_by_argument()?.into_keys().map(|call| (call, Vec::new())));
        allowed.extend(allowed_by_argument()?);
        let unknown = filter(allowed, errno(libc::ENOSYS), SeccompAction::Allow)?;
        // The last one refuses the call that sets filters.
        Ok(Self(vec![silent, refused, unknown]))
    }
}

/// Whether the system filters calls.
#[allow(unsafe_code)]
pub(super) fn is_available() -> bool {
    let action = libc::SECCOMP_RET_ERRNO;
    // SAFETY: the call reads one number, which lives until it returns.
    unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) == 0 }
}

fn filter(rules: Rules, other: SeccompAction, listed: SeccompAction) -> Result<BpfProgram, BackendError> {
    let architecture: TargetArch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, other, listed, architecture)?.try_into()
}

fn errno(number: i32) -> SeccompAction {
    SeccompAction::Errno(number.unsigned_abs())
}

fn simple(calls: &[i64]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

fn when(argument: u8, is: Is, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Dword, is, value)
}

fn one_of(argument: u8, values: &[i64]) -> Result<Vec<SeccompRule>, BackendError> {
    values.iter().map(|value| SeccompRule::new(vec![when(argument, Is::Eq, u64::from(*value as u32))?])).collect()
}

/// What is refused where the arguments say so.
fn refused_by_argument() -> Result<Rules, BackendError> {
    let is_no_thread = when(0, Is::MaskedEq(libc::CLONE_THREAD as u64), 0)?;
    let is_no_unix_socket = when(0, Is::Ne, libc::AF_UNIX as u64)?;
    let sets_limits = SeccompCondition::new(2, Length::Qword, Is::Ne, 0)?;
    let of_another = when(0, Is::Ne, 0)?;
    // A mapping that is shared could write to disk where nobody counts.
    let shares_a_file = when(
        3,
        Is::MaskedEq((libc::MAP_SHARED | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as u64),
        libc::MAP_SHARED as u64,
    )?;
    let shares_strictly = when(
        3,
        Is::MaskedEq((libc::MAP_SHARED_VALIDATE | libc::MAP_ANONYMOUS) as u64),
        libc::MAP_SHARED_VALIDATE as u64,
    )?;
    let mut rules = Rules::new();
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![is_no_thread])?]);
    rules.insert(libc::SYS_socketpair, vec![SeccompRule::new(vec![is_no_unix_socket])?]);
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![sets_limits])?, SeccompRule::new(vec![of_another])?]);
    rules
        .insert(libc::SYS_mmap, vec![SeccompRule::new(vec![shares_a_file])?, SeccompRule::new(vec![shares_strictly])?]);
    Ok(rules)
}

/// What is allowed only where the arguments say so.
fn allowed_by_argument() -> Result<Rules, BackendError> {
    const FIONCLEX: i64 = 0x5450;
    const FIOCLEX: i64 = 0x5451;
    const FIONBIO: i64 = 0x5421;
    const FIONREAD: i64 = 0x541b;
    const TCGETS: i64 = 0x5401;
    const TIOCGWINSZ: i64 = 0x5413;
    let mut rules = Rules::new();
    rules.insert(libc::SYS_ioctl, one_of(1, &[FIONCLEX, FIOCLEX, FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ])?);
    // No owner can be set, to whom signals would go, and no pipe made longer.
    let of_files = [
        libc::F_DUPFD,
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
        libc::F_SETFL,
        libc::F_GETLK,
        libc::F_SETLK,
        libc::F_SETLKW,
        libc::F_DUPFD_CLOEXEC,
        libc::F_OFD_GETLK,
        libc::F_OFD_SETLK,
        libc::F_OFD_SETLKW,
        libc::F_GETPIPE_SZ,
    ];
    rules.insert(libc::SYS_fcntl, one_of(1, &of_files.map(i64::from))?);
    const PR_SET_VMA: i64 = 0x5356_4d41;
    let of_itself = [i64::from(libc::PR_SET_NAME), i64::from(libc::PR_GET_NAME), PR_SET_VMA];
    rules.insert(libc::SYS_prctl, one_of(0, &of_itself)?);
    // Bytes go to the other end of a pair; an address could be somebody else's.
    let to_the_pair = SeccompCondition::new(4, Length::Qword, Is::Eq, 0)?;
    rules.insert(libc::SYS_sendto, vec![SeccompRule::new(vec![to_the_pair])?]);
    // A stream cannot be sent to an address other than its pair; a datagram could.
    let stream = when(1, Is::MaskedEq(0xf), libc::SOCK_STREAM as u64)?;
    rules.insert(libc::SYS_socketpair, vec![SeccompRule::new(vec![stream])?]);
    Ok(rules)
}
