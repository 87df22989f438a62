//! How a store in Postgres is opened.

use std::time::Duration;

/// How a store in Postgres is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The schema that holds the tables: one store has one to itself. It is made where it is not there.
    pub schema: String,
    /// How many connections this program holds at most. A call takes one for as long as it lasts.
    pub connections: usize,
    /// For how long a call is made again when the server is gone: it may only start anew, or another take its place. A
    /// server that is not there when the store is opened is an error at once.
    pub patience: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { schema: "offseeker".to_owned(), connections: 8, patience: Duration::from_secs(30) }
    }
}
