//! What can go wrong with a graph.

use std::path::{Path, PathBuf};

use crate::EntityId;

/// What can go wrong with a graph and the files that it is in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// What a graph is written into does not take it.
    #[error("the graph cannot be written: {reason}")]
    Write {
        /// What the system says.
        reason: String,
    },
    /// A line is no record.
    #[error("{}:{line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A field of a record is not what it should be.
    #[error("{}:{line}: the field `{field}`: {reason}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// The field, with the record that it is in: `relation.from`.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A line is longer than may be.
    #[error("{}:{line}: it has more than {limit} bytes; split what it holds, or allow more", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// How many bytes it may have.
        limit: usize,
    },
    /// A file is no packed graph, or one of another version.
    #[error("{} is no graph that this version reads: {reason}; pack the graph again from its records", path.display())]
    NoGraph {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// A packed graph, or a dump that a graph is grown from, is not as it was written.
    #[error("{} is damaged: {reason}; make it or fetch it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two records are of entities with the same id.
    #[error("the entity {id} is recorded twice; merge what is known of it first")]
    Twice {
        /// The entity.
        id: EntityId,
    },
    /// A fact or relation names an entity of which there is no record.
    #[error("a fact or relation is about the entity {id}, of which there is no record")]
    NoEntity {
        /// The entity.
        id: EntityId,
    },
    /// A graph has more of something than can be numbered.
    #[error("a packed graph holds at most {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much of it there may be.
        limit: u64,
    },
    /// A walk or a sample is asked for that cannot be.
    #[error("no walk can be as is asked: {reason}")]
    Asked {
        /// What is wrong with what is asked.
        reason: String,
    },
    /// A row of another system is not as it should be.
    #[error("the row cannot be read: {reason}")]
    Row {
        /// What is wrong with it.
        reason: String,
    },
}

impl GraphError {
    // By value, because that is what `map_err` hands over.
    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn io(path: &Path, error: impl ToString) -> Self {
        Self::Io { path: path.to_owned(), reason: error.to_string() }
    }

    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn write(error: impl ToString) -> Self {
        Self::Write { reason: error.to_string() }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.into() }
    }
}
