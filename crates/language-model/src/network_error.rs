//! Why a network cannot be read, written or run.

use std::io;
use std::path::{Path, PathBuf};

/// Why a network cannot be read, written or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The system could not read or write a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what its name says: cut off, or written by something else.
    #[error("{}: {what}; fetch or write the file again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A field of a configuration is missing or has a value that no network here has.
    #[error("`{field}` of the configuration {what}")]
    Field {
        /// The field, as it is called in the file.
        field: String,
        /// What is wrong with it.
        what: String,
    },
    /// A tensor is missing, is not expected, or has another shape, kind or content than it must have.
    #[error("{}: the tensor `{name}` {what}", path.display())]
    Tensor {
        /// The file or folder.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// A folder holds a model already.
    #[error("{}: a model is there already; write into another folder, or remove it first", path.display())]
    Occupied {
        /// The file that is there.
        path: PathBuf,
    },
    /// A batch, a cache or a gradient that does not fit what it is used with.
    #[error("{0}")]
    Misfit(String),
    /// A number came out that is none: the weights or the learning rate are broken.
    #[error("{0} is not a finite number; go back to weights from before, and lower the learning rate")]
    NotFinite(String),
}

impl NetworkError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), source }
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_path_buf(), what: what.into() }
    }

    pub(crate) fn field(field: &str, what: impl Into<String>) -> Self {
        Self::Field { field: field.to_owned(), what: what.into() }
    }

    pub(crate) fn tensor(path: &Path, name: &str, what: impl Into<String>) -> Self {
        Self::Tensor { path: path.to_path_buf(), name: name.to_owned(), what: what.into() }
    }
}
