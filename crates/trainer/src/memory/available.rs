//! How much memory is free.

use std::path::{Path, PathBuf};

/// How many bytes this process may still take: what the system has free, or what is left of the limits of its control
/// groups, whichever is less. None where the system does not say.
#[must_use]
pub fn available() -> Option<u64> {
    available_under(Path::new("/"))
}

pub(super) fn available_under(root: &Path) -> Option<u64> {
    let free = system(root);
    let groups = std::fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let left = groups.lines().filter_map(|line| group(root, line)).min();
    free.into_iter().chain(left).min()
}

/// What the system has free.
fn system(root: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?.trim().strip_suffix("kB")?;
    kibibytes.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The files of a version of control groups.
struct Files {
    folder: &'static str,
    limit: &'static str,
    used: &'static str,
    cached: &'static str,
}

const FIRST: Files = Files {
    folder: "sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    cached: "total_inactive_file",
};
const SECOND: Files =
    Files { folder: "sys/fs/cgroup", limit: "memory.max", used: "memory.current", cached: "inactive_file" };

/// What is left of the limits of a group and of those that it is in. A line is `number:controllers:path`; that of the
/// second version names no controllers.
fn group(root: &Path, line: &str) -> Option<u64> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?);
    let files = match controllers {
        "" => SECOND,
        _ if controllers.split(',').any(|name| name == "memory") => FIRST,
        _ => return None,
    };
    let top = root.join(files.folder);
    let own = top.join(path.trim_start_matches('/'));
    let mut least = None;
    // Inside a container the path is one outside, and the group itself lies at the top.
    for folder in own.ancestors().take_while(|folder| folder.starts_with(&top)) {
        least = left(folder, &files).into_iter().chain(least).min();
    }
    least
}

fn left(folder: &Path, files: &Files) -> Option<u64> {
    let number = |path: PathBuf| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let limit = number(folder.join(files.limit))?;
    let used = number(folder.join(files.used))?;
    let stat = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let cached = stat.lines().find_map(|line| line.strip_prefix(files.cached)?.trim().parse::<u64>().ok());
    Some(limit.saturating_sub(used.saturating_sub(cached.unwrap_or(0))))
}
