//! The folder of an expansion: what it belongs to, and the ledgers.

use std::fs;
use std::path::{Path, PathBuf};

use offseeker_durable::{SettingsError, WriterLock, same_settings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ledger::Ledger;
use super::{ExpandError, ExpandOptions, Stage};

/// The version of what is written into a folder.
pub(super) const VERSION: u32 = 1;

/// The file that says what the folder belongs to.
const ABOUT: &str = "expansion.json";

/// What a folder belongs to.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) version: u32,
    pub(super) options: ExpandOptions,
    pub(super) model: String,
    pub(super) search: String,
    pub(super) library: String,
    pub(super) scout: String,
    pub(super) pageviews: Option<String>,
}

/// The folder of an expansion, which nobody else writes into as long as this is held.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: WriterLock,
}

impl Folder {
    /// Opens a folder, or begins one.
    pub(super) fn open(path: &Path, about: &About) -> Result<Self, ExpandError> {
        let io = |error: std::io::Error| ExpandError::io(path, error);
        fs::create_dir_all(path).map_err(io)?;
        let lock = WriterLock::take(path).map_err(io)?;
        let lock = lock.ok_or_else(|| ExpandError::Busy { folder: path.to_owned() })?;
        let place = path.join(ABOUT);
        let asked = serde_json::to_value(about).map_err(|error| ExpandError::io(&place, error))?;
        same_settings(&place, &asked).map_err(|error| match error {
            SettingsError::Damaged { line, reason } => ExpandError::Damaged { path: place, line, reason },
            SettingsError::Differ { what, kept, asked } => {
                ExpandError::Other { folder: path.to_owned(), what, kept, asked }
            }
            error => ExpandError::io(&place, error),
        })?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The ledger of a stage.
    pub(super) fn ledger<T: Serialize + DeserializeOwned>(&self, stage: Stage) -> Result<Ledger<T>, ExpandError> {
        Ledger::open(&self.path.join(stage.name()).with_extension("jsonl"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    fn about() -> About {
        let name = |name: &str| name.to_owned();
        About {
            version: VERSION,
            options: ExpandOptions::default(),
            model: name("model"),
            search: name("search"),
            library: name("library"),
            scout: name("scout"),
            pageviews: None,
        }
    }

    #[test]
    fn a_folder_goes_on_with_what_it_was_begun_with() {
        let with = |options: ExpandOptions| About { options, ..about() };
        check(&about(), None);
        check(&with(ExpandOptions { parallel: 1, most_outages: 1, ..ExpandOptions::default() }), None);
        check(&with(ExpandOptions { seed: 7, ..ExpandOptions::default() }), Some("options.seed"));
        check(&with(ExpandOptions::compat()), Some("options.windows"));
        check(&About { model: "other".to_owned(), ..about() }, Some("model"));
        check(&About { pageviews: Some("wiki".to_owned()), ..about() }, Some("pageviews"));
    }

    fn check(asked: &About, expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        drop(Folder::open(folder.path(), &about()).unwrap());
        match (Folder::open(folder.path(), asked), expected) {
            (Ok(_), None) => {}
            (Err(ExpandError::Other { what, .. }), Some(expected)) => assert_eq!(what, expected),
            (found, _) => panic!("{found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn two_do_not_write_into_one_folder() {
        let folder = tempfile::tempdir().unwrap();
        let held = Folder::open(folder.path(), &about()).unwrap();
        assert!(matches!(Folder::open(folder.path(), &about()), Err(ExpandError::Busy { .. })));
        drop(held);
        Folder::open(folder.path(), &about()).unwrap();
    }
}
