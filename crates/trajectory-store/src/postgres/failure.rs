//! What went wrong on the way to the server and back, and what that means for the caller.

use std::error::Error;
use std::path::PathBuf;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

use crate::StoreError;

/// What went wrong: the server, or what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// What was asked cannot be done.
    Store(StoreError),
    /// The server refused or is gone.
    Server(tokio_postgres::Error),
    /// There is no connection.
    Pool(PoolError),
    /// What was read makes no sense.
    Damaged(String),
    /// The tables are not those of this version.
    Foreign(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Server(error),
            error => Self::Pool(error),
        }
    }
}

impl Failure {
    /// Whether another program was in the way, and the same goes well once it is tried again.
    ///
    /// Two programs that begin the same attempt at the same time are among it: one finds the other's.
    pub(super) fn is_passing(&self) -> bool {
        let passing = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::UNIQUE_VIOLATION,
            SqlState::LOCK_NOT_AVAILABLE,
        ];
        matches!(self, Self::Server(error) if error.code().is_some_and(|code| passing.contains(code)))
    }

    /// Whether the server is gone, perhaps for a moment, or does not take connections yet.
    pub(super) fn is_away(&self) -> bool {
        match self {
            Self::Server(error) => {
                error.as_db_error().is_none_or(|refusal| is_leaving(refusal.code())) && !is_setting(error)
            }
            Self::Pool(error) => !matches!(error, PoolError::Timeout(TimeoutType::Wait)),
            _ => false,
        }
    }

    /// Whether the transaction failed only because a statement before it did.
    pub(super) fn is_echo(&self) -> bool {
        matches!(self, Self::Server(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION))
    }

    /// The error for the caller.
    pub(super) fn at(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            Self::Store(error) => error,
            Self::Foreign(reason) => StoreError::Foreign { path: PathBuf::from(place), reason },
            Self::Damaged(what) => StoreError::Io { place, reason: format!("what it holds is damaged: {what}") },
            Self::Pool(PoolError::Timeout(TimeoutType::Wait)) => {
                let reason = "all connections are in use; ask for more of them, or let fewer tasks write at once";
                StoreError::Unavailable { place, reason: reason.to_owned() }
            }
            Self::Pool(error) => StoreError::Unavailable { place, reason: in_words_of(&error) },
            Self::Server(error) => from_server(place, &error),
        }
    }
}

/// Whether a server says that it goes down, comes up, or takes no more connections just now.
fn is_leaving(code: &SqlState) -> bool {
    let code = code.code();
    matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "53300") || code.starts_with("08")
}

fn from_server(place: String, error: &tokio_postgres::Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        return match error.source() {
            // What is asked of the system without success: a password, TLS.
            Some(source) if is_setting(error) => StoreError::Io { place, reason: source.to_string() },
            _ => StoreError::Unavailable { place, reason: in_words_of(error) },
        };
    };
    // The detail is left out: it quotes what is in the rows.
    let (code, reason) = (refusal.code(), refusal.message().to_owned());
    match code.code() {
        "53100" => StoreError::Full { place },
        "28P01" | "28000" => {
            StoreError::Io { place, reason: format!("{reason}; check the user and the password in the address") }
        }
        "3D000" => StoreError::Io { place, reason: format!("{reason}; make it with `createdb`") },
        "42501" => StoreError::Io { place, reason: format!("{reason}; the user needs `CREATE` on the database") },
        "57P01" | "57P02" | "57P03" | "57P05" | "25006" | "40001" | "40P01" | "23505" | "55P03" => {
            StoreError::Unavailable { place, reason }
        }
        class if class.starts_with("08") || class.starts_with("53") => StoreError::Unavailable { place, reason },
        code => StoreError::Io { place, reason: format!("{reason} ({code})") },
    }
}

/// Whether it lies in how the connection is set up, so that trying again does not help.
fn is_setting(error: &tokio_postgres::Error) -> bool {
    let text = error.to_string();
    text.starts_with("invalid configuration") || text.starts_with("authentication") || text.contains("TLS handshake")
}

/// An error and what caused it, on one line. The errors of the client name hosts and users but never a password.
fn in_words_of(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        source = cause.source();
    }
    words.replace('\n', "; ")
}
