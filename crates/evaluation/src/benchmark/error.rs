//! What can be wrong with a benchmark.

use std::path::PathBuf;

/// What can be wrong with a benchmark and the file that it is read from. No variant holds what a row says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BenchmarkError {
    /// The file cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The name of the file does not say what it is.
    #[error("{} is of no known kind; write the rows as .jsonl, .json, .csv or .tsv", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
    },
    /// The file is larger than one that is read whole may be.
    #[error("{} has more than {most} bytes; write its rows as .jsonl, which is read line by line", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        most: u64,
    },
    /// There is no row in the file.
    #[error("{} holds no row", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A row is none.
    #[error("{}:{row}: {reason}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line; in a JSON array the item, the first of which is 1.
        row: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A field of a row is not what it should be.
    #[error("{}:{row}: the field `{field}` {reason}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The line; in a JSON array the item, the first of which is 1.
        row: u64,
        /// The field.
        field: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// Two rows have one id.
    #[error("{}:{row}: the id `{id}` was there before; give each question one of its own", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The later of the two.
        row: u64,
        /// The id.
        id: String,
    },
    /// Two questions have one id.
    #[error("two questions have the id `{id}`; give each one of its own")]
    Again {
        /// The id.
        id: String,
    },
    /// A subset names questions that are not there.
    #[error("{count} of the ids that were asked for are not in the set, such as `{first}`")]
    Unknown {
        /// How many there are.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// A list that was pinned is not the same any more.
    #[error(
        "`{id}` is not the list that was pinned: its hash is {found} and not {expected}; figures over the two do not compare"
    )]
    Changed {
        /// The set.
        id: String,
        /// The hash that it had.
        expected: String,
        /// The hash that it has.
        found: String,
    },
}
