//! Why an index cannot be made, opened or written.

use std::path::{Path, PathBuf};

/// Why an index cannot be made, opened or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The folder holds no index.
    #[error("{} holds no index; make one there first", folder.display())]
    NotAnIndex {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds other things, among which no index is made.
    #[error("{} is not empty; make the index in a folder of its own (it holds {found})", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// One of the things in it.
        found: String,
    },
    /// There is an index in the folder already.
    #[error("{} holds an index already; open it, or choose another folder", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// The index was made with other settings.
    #[error(
        "the index in {} was made with {setting} = {kept}, not {asked}; open it as it is, or make another one",
        folder.display()
    )]
    OtherSettings {
        /// The folder.
        folder: PathBuf,
        /// Which setting differs.
        setting: String,
        /// What the index was made with.
        kept: String,
        /// What was asked for.
        asked: String,
    },
    /// The index was written by another version.
    #[error("the index in {} has another format: {reason}; make it again from its documents", folder.display())]
    OtherVersion {
        /// The folder.
        folder: PathBuf,
        /// Which version there is, and which is wanted.
        reason: String,
    },
    /// A file of the index is missing or damaged.
    #[error("the index in {} is damaged: {reason}; make it again from its documents", folder.display())]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Something else writes the index at this moment.
    #[error("{} is being written by another writer; wait until it is done", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A setting makes no sense.
    #[error("the setting {setting} is wrong: {reason}")]
    InvalidSetting {
        /// The setting.
        setting: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something that cannot be put into the index.
    #[error("{what} cannot be put into the index: {reason}")]
    InvalidDocument {
        /// Which document, by its address.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The corpus cannot be read.
    #[error(transparent)]
    Corpus(#[from] crate::CorpusError),
    /// The disk, or a thread that writes, failed.
    #[error("the index in {} cannot be reached: {reason}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl IndexError {
    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn io(folder: &Path, reason: impl ToString) -> Self {
        Self::Io { folder: folder.to_owned(), reason: reason.to_string() }
    }

    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn damaged(folder: &Path, reason: impl ToString) -> Self {
        Self::Damaged { folder: folder.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn setting(setting: &str, reason: impl Into<String>) -> Self {
        Self::InvalidSetting { setting: setting.to_owned(), reason: reason.into() }
    }
}
