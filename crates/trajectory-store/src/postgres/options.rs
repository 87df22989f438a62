//! How a store in Postgres is opened.

/// How a store in Postgres is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The schema that holds the tables: one store has one to itself. It is made where it is not there.
    pub schema: String,
    /// How many connections this program holds at most. A call takes one for as long as it lasts.
    pub connections: usize,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { schema: "offseeker".to_owned(), connections: 8 }
    }
}
