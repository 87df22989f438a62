//! Which files a guest may open: landlock.

use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};
use nix::libc;

use super::super::plan::Shown;
use super::loader::loader;

/// The version of landlock since which it holds signals back.
pub(super) const SIGNALS_SINCE: i32 = 6;

/// The newest version whose rights are named here. Rights of later versions are for things that seccomp refuses.
const NEWEST: ABI = ABI::V6;

/// What every program needs to read: shared libraries, their index, time zones, names of characters.
const SYSTEM: &[&str] = &[
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/nix/store",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
];

/// The version of landlock that the system has; nought or less where there is none.
#[allow(unsafe_code)]
pub(super) fn version() -> i32 {
    const VERSION: libc::c_uint = 1;
    let none = std::ptr::null::<libc::c_void>();
    // SAFETY: with this flag the call takes no memory, and only answers with a number.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, 0_usize, VERSION) };
    i32::try_from(version).unwrap_or(0)
}

/// What a guest may open: what is shown, for reading; the folder, for all; nothing else.
pub(super) fn ruleset(shown: &Shown, folder: &Path) -> Result<Option<OwnedFd>, RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    for path in SYSTEM.iter().map(Path::new).chain(shown.readable.iter().map(std::path::PathBuf::as_path)) {
        rules = allow(rules, path, read)?;
    }
    rules = allow(rules, &shown.program, AccessFs::ReadFile | AccessFs::Execute)?;
    if let Some(loader) = loader(&shown.program) {
        rules = allow(rules, &loader, AccessFs::ReadFile | AccessFs::Execute)?;
    }
    rules = allow(rules, Path::new("/dev/null"), AccessFs::ReadFile | AccessFs::WriteFile)?;
    // Devices, sockets and pipes cannot be made, and nothing that was written can be executed.
    let refused = AccessFs::Execute
        | AccessFs::MakeChar
        | AccessFs::MakeBlock
        | AccessFs::MakeSock
        | AccessFs::MakeFifo
        | AccessFs::IoctlDev;
    rules = allow(rules, folder, AccessFs::from_all(NEWEST) & !refused)?;
    Ok(rules.into())
}

/// Allows something on a path, where there is one.
fn allow(rules: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    let Ok(open) = PathFd::new(path) else { return Ok(rules) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
    rules.add_rule(PathBeneath::new(open, access))
}

/// Whether everybody may enter all folders on the way, and read what is there.
pub(super) fn is_open_to_others(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    path.ancestors().enumerate().all(|(above, place)| {
        let Ok(metadata) = place.metadata() else { return false };
        let needed = if above == 0 && !metadata.is_dir() {
            0o4
        } else if above == 0 {
            0o5
        } else {
            0o1
        };
        metadata.permissions().mode() & needed == needed
    })
}
