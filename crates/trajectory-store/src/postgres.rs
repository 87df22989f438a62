//! A store in Postgres, for many workers on many machines.

mod change;
mod failure;
mod load;
mod options;
mod packed;
mod queue;
mod read;
mod scan;
mod schema;
mod session;
mod split;
mod write;

use std::fmt;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures::stream::BoxStream;
use offseeker_trajectory::{Question, RunId, TrajectoryId};
use tokio_postgres::config::Host;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, NoTls, Socket};

use crate::{Claim, Entry, Filter, Manifest, Progress, StoreError, Stored, TrajectoryStore, WorkQueue, Worker};
use failure::Failure;
pub use options::PostgresOptions;
use session::Session;

/// How long a call waits for a connection that others use.
const WAIT: Duration = Duration::from_secs(60);

/// How long a server has to take a connection, where the address says nothing else.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a machine may be gone before its connection counts as lost, where the address says nothing else.
const GONE: Duration = Duration::from_secs(30);

/// How often a call is made again when other programs are in its way.
const TIMES: u32 = 8;

/// How long to wait before a server that was gone is asked again.
const AWAY: Duration = Duration::from_millis(200);

/// The longest id, and the longest name of a model or a grader: what fits into an index.
const LONGEST_NAME: usize = 1024;

/// A store in Postgres, for many workers on many machines.
///
/// Each worker opens the store for itself. An attempt that a worker claims is its own as long as it renews the claim
/// within the lease, by the clock of the server; when it does not, the next one that claims work takes the attempt
/// over, and what the first one still writes is refused. What is acknowledged is on the server's disk.
///
/// When the server is gone, or the connection is lost, a call is made again, for as long as the
/// [patience](PostgresOptions::patience) lasts; then the error says [`Unavailable`](StoreError::Unavailable), and the next
/// call connects anew. Where a connection is lost in the middle of a write, nobody knows whether it came through: the
/// same is written again, which changes nothing if it did. A claim of which nobody learned is free when its lease is over.
///
/// ```no_run
/// use offseeker_trajectory_store::{Postgres, PostgresOptions, WorkQueue, Worker};
/// # use offseeker_trajectory_store::{Manifest, StoreError};
///
/// # async fn work(manifest: Manifest) -> Result<(), StoreError> {
/// let options = PostgresOptions { connections: 4, ..PostgresOptions::default() };
/// let store = Postgres::connect("postgres://worker:secret@db.example/research", options).await?;
/// let run = manifest.id().map_err(|error| StoreError::invalid(error.to_string()))?;
/// let claims = store.claim(&run, &Worker::new("machine-3/0"), 8).await?;
/// println!("{} attempts to make, {}", claims.len(), store.progress(&run).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    /// The name of the schema, in quotes.
    schema: String,
    /// What errors call it.
    place: String,
    /// For how long a call is made again when the server is gone.
    patience: Duration,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects to a server at `postgres://user:password@host/database` or `host=... user=... dbname=...`, without TLS.
    ///
    /// # Errors
    ///
    /// When the address cannot be read, the server does not answer or refuses, or the tables are those of a newer
    /// version.
    pub async fn connect(address: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        // What the parser says may quote a part of the address, and so the password.
        let config: Config = address.parse().map_err(|_| {
            let reason = "the address of the server cannot be read; write it as postgres://user:password@host/database";
            StoreError::invalid(format!("{reason}, with %40 for an @ in the password"))
        })?;
        Self::connect_with(config, NoTls, options).await
    }

    /// Connects with any settings of `tokio-postgres`, and with its TLS: `tokio-postgres-rustls`, for one.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_with<T>(mut config: Config, tls: T, options: PostgresOptions) -> Result<Self, StoreError>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        config.connect_timeout(config.get_connect_timeout().copied().unwrap_or(CONNECT));
        config.tcp_user_timeout(config.get_tcp_user_timeout().copied().unwrap_or(GONE));
        config.keepalives_idle(GONE.min(config.get_keepalives_idle()));
        let place = place_of(&config);
        let manager = Manager::from_config(config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(options.connections.max(1))
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(GONE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::invalid(error.to_string()))?;
        Self::open(pool, &options.schema, place, options.patience).await
    }

    /// A store in a schema of the server that a ready pool is connected to.
    ///
    /// # Errors
    ///
    /// When the server does not answer or refuses, or the tables are those of a newer version.
    pub async fn over(pool: Pool, schema: &str) -> Result<Self, StoreError> {
        Self::open(pool, schema, "Postgres".to_owned(), PostgresOptions::default().patience).await
    }

    async fn open(pool: Pool, schema: &str, place: String, patience: Duration) -> Result<Self, StoreError> {
        let place = format!("{place}, schema {schema}");
        // Somebody who waits for a server that was never there learns that it is not.
        let store = Self { pool, schema: schema::quoted(schema)?, place, patience: Duration::ZERO };
        store.again(async || schema::make(&mut store.session().await?).await).await?;
        Ok(Self { patience, ..store })
    }

    async fn session(&self) -> Result<Session, Failure> {
        Ok(Session::new(self.pool.get().await?, self.schema.clone()))
    }

    /// Does something, and once more where another program was in the way or the server is gone for a while.
    async fn again<T, F: Future<Output = Result<T, Failure>>>(&self, act: impl Fn() -> F) -> Result<T, StoreError> {
        let begun = Instant::now();
        let mut times = 0;
        loop {
            let failure = match act().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let wait = if failure.is_passing() && times < TIMES {
                times += 1;
                Duration::from_millis(5 << times)
            } else if failure.is_away() && begun.elapsed() < self.patience {
                AWAY
            } else {
                return Err(failure.at(&self.place));
            };
            tokio::time::sleep(wait).await;
        }
    }
}

/// Where the server is, without user and password.
fn place_of(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
    let host = |(at, host): (usize, &Host)| match host {
        Host::Tcp(name) => format!("{name}:{}", port(at)),
        #[cfg(unix)]
        Host::Unix(folder) => format!("{}:{}", folder.display(), port(at)),
    };
    let hosts: Vec<String> = config.get_hosts().iter().enumerate().map(host).collect();
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("Postgres at {}, database {database}", hosts.join(", "))
}

#[async_trait]
impl TrajectoryStore for Postgres {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        let change = change::Change::of(entries, claim)?;
        self.again(|| self.write_change(&change)).await
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        self.again(|| self.read_all(ids)).await
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        self.pages(filter.clone())
    }
}

#[async_trait]
impl WorkQueue for Postgres {
    async fn plan(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError> {
        self.again(|| self.plan_all(run, questions, attempts)).await
    }

    async fn claim(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, StoreError> {
        self.again(|| self.claim_some(run, worker, most)).await
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<Claim>, StoreError> {
        self.again(|| self.renew_all(claims)).await
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), StoreError> {
        self.again(|| self.release_all(claims)).await
    }

    async fn progress(&self, run: &RunId) -> Result<Progress, StoreError> {
        self.again(|| self.count(run)).await
    }

    async fn manifest(&self, run: &RunId) -> Result<Option<Manifest>, StoreError> {
        self.again(|| self.find_manifest(run)).await
    }
}

/// Refuses a name that no index could hold.
fn check_name(what: &str, name: &str) -> Result<(), StoreError> {
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let reason = format!("{what} of {} bytes is too long for Postgres; {LONGEST_NAME} are the most", name.len());
    Err(StoreError::invalid(reason))
}
