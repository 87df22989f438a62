//! What goes wrong inside, before it is said in the words of a store.

use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_WRITE;
use rusqlite::types::FromSqlError;

use crate::StoreError;

/// What goes wrong inside.
#[derive(Debug)]
pub(super) enum Fault {
    /// What SQLite says.
    Sql(rusqlite::Error),
    /// What is stored is not what was written.
    Damage(String),
    /// What a store says.
    Store(StoreError),
}

/// What may go wrong inside.
pub(super) type Maybe<T> = Result<T, Fault>;

impl Fault {
    pub(super) fn damage(what: impl Into<String>) -> Self {
        Self::Damage(what.into())
    }

    /// Says of damage what it is in: `attempt 1f`.
    pub(super) fn within(self, whole: impl FnOnce() -> String) -> Self {
        match self {
            Self::Sql(error) if is_corrupt(&error) => Self::Damage(format!("{}: {error}", whole())),
            Self::Damage(what) => Self::Damage(format!("{}: {what}", whole())),
            other => other,
        }
    }

    /// What happened, without saying where.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Sql(error) => error.to_string(),
            Self::Damage(what) => what.clone(),
            Self::Store(error) => error.to_string(),
        }
    }

    /// The same in the words of the store in a file.
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Damage(what) => StoreError::Damaged { path: path.to_owned(), what },
            Self::Sql(error) => said(&error, path),
        }
    }
}

fn is_corrupt(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn said(error: &rusqlite::Error, path: &Path) -> StoreError {
    let (place, reason) = (path.display().to_string(), error.to_string());
    let extended = error.sqlite_error().map(|error| error.extended_code);
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { place },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Unavailable { place, reason: format!("another program holds it ({reason}); try again") }
        }
        Some(ErrorCode::TooBig) => StoreError::invalid(format!("one text is larger than a row can be: {reason}")),
        Some(ErrorCode::SystemIoFailure) if extended == Some(SQLITE_IOERR_WRITE) => {
            StoreError::Io { place, reason: format!("{reason}; a limit on the size of files, or a broken disk") }
        }
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreError::Io { place, reason: format!("{reason}; the file and its folder have to be writable") }
        }
        _ if is_corrupt(error) => StoreError::Damaged { path: path.to_owned(), what: reason },
        _ => StoreError::Io { place, reason },
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FromSqlError> for Fault {
    fn from(error: FromSqlError) -> Self {
        Self::Damage(format!("a column does not hold what it should: {error}"))
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Damage(format!("what is stored is not the JSON that it should be: {error}"))
    }
}
