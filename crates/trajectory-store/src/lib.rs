//! Keeps attempts, from their first message on, and loses none.
//!
//! An attempt costs hundreds of requests, so what it has is written down before the next step is taken: a program that
//! is killed at any byte goes on where it was. There are two ports. A [`TrajectoryStore`] keeps what was said, a
//! [`WorkQueue`] hands out what is to be attempted, each attempt to one worker at a time; every store here is both.
//!
//! - [`InMemory`] keeps attempts as long as the program runs.
//! - [`embedded::Embedded`] keeps them in one file, for the processes of one machine (feature `embedded`).
//! - `Postgres` keeps them in a database, for many workers on many machines (feature `postgres`).
//! - [`Manifest`] says what a run was made with; the run is named by its hash.
//! - [`formats`] writes attempts and training data as the rows of other systems, and reads those.
//! - [`conformance`] holds what every store must fulfil; run it on yours.
//!
//! A store keeps attempts as they are: what they are worth, and what is learnt from them, is for the crates above.
//!
//! ```
//! use offseeker_trajectory::{Message, Node, NodeId, Question, StopReason};
//! use offseeker_trajectory_store::{Entry, InMemory, Manifest, TrajectoryStore, TrajectoryStoreExt, WorkQueue, Worker};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = InMemory::new();
//! let manifest = Manifest::new("first try", 42);
//! let run = manifest.id()?;
//! store.write(vec![Entry::Run(Box::new(manifest))], None).await?;
//! store.plan(&run, &[Question::new("Which river does the Karlin mill stand on?", ["the Orsa"])], 2).await?;
//!
//! let claims = store.claim(&run, &Worker::new("here"), 1).await?;
//! let (id, node) = (claims[0].id(), Node::given(None, Message::user("Which river ...?")));
//! let begin = Entry::Begin(Box::new(claims[0].begin()));
//! let first = Entry::Node { attempt: id.clone(), place: NodeId::new(0), node: Box::new(node) };
//! store.write(vec![begin, first], Some(&claims[0])).await?;
//! let end = Entry::End { attempt: id.clone(), stop: StopReason::Answered, answer: Some("the Orsa".into()) };
//! store.write(vec![end], Some(&claims[0])).await?;
//!
//! assert_eq!(store.get(&id).await?.trajectory.answer.as_deref(), Some("the Orsa"));
//! assert_eq!(store.progress(&run).await?.open(), 1);
//! # Ok(())
//! # }
//! ```

pub mod conformance;
#[cfg(feature = "embedded")]
pub mod embedded;
mod entry;
mod error;
mod ext;
mod filter;
pub mod formats;
mod in_memory;
mod manifest;
#[cfg(feature = "postgres")]
mod postgres;
mod store;
mod stored;
mod work;

pub use entry::Entry;
pub use error::StoreError;
pub use ext::TrajectoryStoreExt;
pub use filter::{Filter, GradeFilter};
pub use in_memory::InMemory;
pub use manifest::{Manifest, ModelUse};
#[cfg(feature = "postgres")]
pub use postgres::{Postgres, PostgresOptions};
pub use store::TrajectoryStore;
pub use stored::Stored;
pub use work::{Claim, Progress, RunStore, WorkQueue, Worker};
