//! The subcommands, one a file: their words, and the function of another crate that does it.

pub(crate) mod attempt;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod curate;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod grade;
pub(crate) mod graph;
pub(crate) mod index;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
pub(crate) mod questions;
pub(crate) mod run;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod train;
pub(crate) mod view;
pub(crate) mod world;

use crate::arguments::Command;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;

/// Does what a subcommand says.
pub(crate) async fn run(command: Command, session: &Session) -> Result<Outcome, Failure> {
    match command {
        Command::World(it) => Box::pin(it.run(session)).await,
        Command::Index(it) => it.run(session),
        Command::Graph(it) => Box::pin(it.run(session)).await,
        Command::Questions(it) => Box::pin(it.run(session)).await,
        Command::Attempt(it) => Box::pin(it.run(session)).await,
        Command::Grade(it) => Box::pin(it.run(session)).await,
        Command::Curate(it) => Box::pin(it.run(session)).await,
        Command::Train(it) => Box::pin(it.run(session)).await,
        Command::Evaluate(it) => Box::pin(it.run(session)).await,
        Command::Export(it) => Box::pin(it.run()).await,
        Command::View(it) => Box::pin(it.run(session)).await,
        #[cfg(feature = "serve")]
        Command::Serve(it) => Box::pin(it.run(session)).await,
        #[cfg(feature = "mcp")]
        Command::Mcp(it) => Box::pin(it.run(session)).await,
        Command::Run(it) => Box::pin(it.run(session)).await,
        Command::Config(it) => it.run(),
        Command::Completions(it) => Ok(it.run()),
    }
}
