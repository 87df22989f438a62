//! The store in Postgres holds on a real server: among many workers, when one is killed, when the server is.
//!
//! The tests start a server of their own from the programs of this machine; where there are none, they say so and pass.

#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "postgres/failures.rs"]
mod failures;
#[path = "postgres/laws.rs"]
mod laws;
#[path = "postgres/server.rs"]
mod server;
#[path = "postgres/workers.rs"]
mod workers;

use std::time::Duration;

use offseeker_trajectory_store::{Postgres, PostgresOptions};

/// A store that waits for no server.
fn options(schema: &str, connections: usize) -> PostgresOptions {
    PostgresOptions { schema: schema.to_owned(), connections, patience: Duration::ZERO }
}

async fn open(address: &str, schema: &str, connections: usize) -> Postgres {
    Postgres::connect(address, options(schema, connections)).await.unwrap()
}
