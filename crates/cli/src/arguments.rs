//! The words of the command line.

use clap::{Parser, Subcommand};

#[cfg(feature = "mcp")]
use crate::commands::mcp;
#[cfg(feature = "serve")]
use crate::commands::serve;
use crate::commands::{
    attempt, completions, config, curate, evaluate, export, grade, graph, index, questions, run, train, view, world,
};

/// How to begin, and how the parts follow each other.
const FLOW: &str = "\
How the parts follow each other:
  world, index        pages to search and read
  graph               pages -> entities and relations with their evidence
  questions           graph -> questions that need research
  attempt             questions -> attempts of an agent, in a store
  grade               attempts -> how good they are
  curate              graded attempts -> samples and pairs
  train               samples, pairs -> a model in a folder
  evaluate            a model, a benchmark -> figures with intervals
  view, export        looked at; handed on to others
  run                 all of it, in one folder, by one file

Begin here:
  offseeker config > my.toml
  offseeker run my.toml target/my-run
  offseeker view target/my-run --serve

Ends with 0 when all is done, 1 when it failed, 2 when the command makes no sense, 3 when it was stopped and the same
command goes on, 4 when a part is missing, such as attempts without a score.";

/// Makes deep-research agents offline: questions, attempts, training data, training, figures.
#[derive(Debug, Parser)]
#[command(name = "offseeker", version, after_help = FLOW)]
pub(crate) struct Offseeker {
    /// Says what came of it as one JSON object on the standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Says nothing on the standard error but what went wrong
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a made-up encyclopedia: pages, what is true, questions
    World(world::World),
    /// Indexes a folder of pages or a file of JSON lines, and searches it
    Index(index::Index),
    /// Grows, packs, draws and counts a graph of entities
    Graph(graph::Graph),
    /// Makes questions that need research, with their answers and plans
    Questions(questions::Questions),
    /// Lets an agent attempt questions
    Attempt(attempt::Attempt),
    /// Says how good attempts are
    Grade(grade::Grade),
    /// Makes training data of graded attempts
    Curate(curate::Curate),
    /// Trains a model on samples or pairs
    Train(train::Train),
    /// Measures an agent on a benchmark
    Evaluate(evaluate::Evaluate),
    /// Writes attempts, samples or pairs in formats of others
    Export(export::Export),
    /// Writes or serves the page on which a run is looked at
    View(view::View),
    /// Serves a model over OpenAI's protocol, or an index over Search-R1's
    #[cfg(feature = "serve")]
    Serve(serve::Serve),
    /// Serves the tools of an agent over the Model Context Protocol
    #[cfg(feature = "mcp")]
    Mcp(mcp::Mcp),
    /// Runs the whole loop in one folder, and goes on where it was
    Run(run::Run),
    /// Prints a configuration with every value explained, or checks one
    Config(config::Config),
    /// Prints completions for a shell
    Completions(completions::Completions),
}

impl Command {
    /// The word by which it is called.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::World(_) => "world",
            Self::Index(_) => "index",
            Self::Graph(_) => "graph",
            Self::Questions(_) => "questions",
            Self::Attempt(_) => "attempt",
            Self::Grade(_) => "grade",
            Self::Curate(_) => "curate",
            Self::Train(_) => "train",
            Self::Evaluate(_) => "evaluate",
            Self::Export(_) => "export",
            Self::View(_) => "view",
            #[cfg(feature = "serve")]
            Self::Serve(_) => "serve",
            #[cfg(feature = "mcp")]
            Self::Mcp(_) => "mcp",
            Self::Run(_) => "run",
            Self::Config(_) => "config",
            Self::Completions(_) => "completions",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_words_fit_together() {
        Offseeker::command().debug_assert();
    }

    #[test]
    fn every_subcommand_shows_how_it_is_used() {
        for command in Offseeker::command().get_subcommands() {
            let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(shown.contains(&format!("offseeker {}", command.get_name())), "{}", command.get_name());
        }
    }
}
