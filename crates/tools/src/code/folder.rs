//! The folder in which a guest may write, and which is gone afterwards.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::CodeError;

/// A folder of its own for one guest. It is removed when it is dropped, however the guest left it.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

/// How much lies in a folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Bytes on disk.
    pub(super) bytes: u64,
    /// Files and folders.
    pub(super) entries: u64,
    /// Whether there is more that was not looked at: folders that lie too deep, or that are closed to the host.
    pub(super) is_hidden: bool,
}

/// How deep is looked into folders in folders.
const DEEPEST: usize = 64;

impl Folder {
    /// Makes an empty folder that nobody else can enter.
    pub(super) fn new() -> Result<Self, CodeError> {
        let made = tempfile::Builder::new().prefix("offseeker-code-").tempdir();
        let made = made.map_err(|error| CodeError::broken("no folder for code can be made", error))?;
        Ok(Self(made.keep()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Weighs what lies in it. It stops counting at so many entries.
    pub(super) fn weigh(&self, most_entries: u64) -> Weight {
        use std::os::unix::fs::MetadataExt;
        let mut weight = Weight::default();
        let mut waiting = vec![(self.0.clone(), 0)];
        while let Some((folder, depth)) = waiting.pop() {
            let entries = match fs::read_dir(folder) {
                Ok(entries) => entries,
                Err(error) => {
                    weight.is_hidden |= error.kind() == io::ErrorKind::PermissionDenied;
                    continue;
                }
            };
            for entry in entries.flatten() {
                weight.entries += 1;
                if weight.entries > most_entries {
                    return weight;
                }
                let Ok(metadata) = entry.path().symlink_metadata() else { continue };
                weight.bytes += metadata.blocks() * 512;
                if metadata.is_dir() {
                    if depth == DEEPEST {
                        weight.is_hidden = true;
                    } else {
                        waiting.push((entry.path(), depth + 1));
                    }
                }
            }
        }
        weight
    }

    /// Removes it with all that is in it, also where folders are closed, or lie deeper than a path can be long: what is
    /// two levels down is moved up first.
    fn remove(&self) -> io::Result<()> {
        let mut moved = 0_u64;
        loop {
            let mut is_empty = true;
            for entry in fs::read_dir(&self.0)? {
                is_empty = false;
                let path = entry?.path();
                if !path.symlink_metadata()?.is_dir() {
                    fs::remove_file(&path)?;
                    continue;
                }
                fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
                for inner in fs::read_dir(&path)? {
                    let inner = inner?.path();
                    if inner.symlink_metadata()?.is_dir() {
                        // A folder can be moved only by somebody who may write in it.
                        fs::set_permissions(&inner, fs::Permissions::from_mode(0o700))?;
                        fs::rename(&inner, self.free_name(&mut moved))?;
                    } else {
                        fs::remove_file(&inner)?;
                    }
                }
                fs::remove_dir(&path)?;
            }
            if is_empty {
                return fs::remove_dir(&self.0);
            }
        }
    }
}

impl Folder {
    fn free_name(&self, moved: &mut u64) -> PathBuf {
        loop {
            *moved += 1;
            let path = self.0.join(format!(".moved-{moved}"));
            if path.symlink_metadata().is_err() {
                return path;
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::warn!(%error, folder = %self.0.display(), "what code wrote could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_removed_however_it_was_left() {
        let folder = Folder::new().expect("a folder");
        let path = folder.path().to_owned();
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("kept"), "x").expect("written");
        std::os::unix::fs::symlink(outside.path(), path.join("link")).expect("linked");
        fs::create_dir_all(path.join("a/b/.moved-1")).expect("made");
        fs::create_dir(path.join(".moved-1")).expect("made");
        fs::write(path.join("a/b/file"), vec![1; 10_000]).expect("written");
        fs::set_permissions(path.join("a/b"), fs::Permissions::from_mode(0o000)).expect("closed");
        drop(folder);
        assert!(!path.exists());
        assert!(outside.path().join("kept").exists(), "a link is removed, not followed");
    }

    #[test]
    fn is_weighed() {
        let folder = Folder::new().expect("a folder");
        for at in 0..5 {
            fs::write(folder.path().join(format!("{at}")), vec![1; 8_192]).expect("written");
        }
        let weight = folder.weigh(100);
        assert_eq!((weight.entries, weight.is_hidden), (5, false));
        assert!(weight.bytes >= 5 * 8_192, "{weight:?}");
        assert_eq!(folder.weigh(3).entries, 4, "it stops where it is too much");
        fs::create_dir_all(folder.path().join("d/".repeat(DEEPEST + 2))).expect("made");
        assert!(folder.weigh(1_000).is_hidden);
    }
}
