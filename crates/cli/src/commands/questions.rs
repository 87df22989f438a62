//! `offseeker questions`: makes questions that need research.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use offseeker_pipeline::config::{FolderCorpus, PlannedQuestions};
use offseeker_pipeline::{Corpus, Origin, QuestionFiles, Stage, stages};
use offseeker_search::InMemory;

use super::{graph, world};
use crate::corpus;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;

/// Makes questions that need research, with their answers and plans.
///
/// They are parted by what they are about: no entity of a question to measure on is one of a question to learn from.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker questions --graph target/graph.packed --out target/questions --items 600
  offseeker questions --world target/world --out target/more --each 100 --seed 3

In the folder: train.jsonl, development.jsonl and test.jsonl, one question a line, and NAME.plans.jsonl, what each asks and by
which clues.")]
pub(crate) struct Questions {
    /// A graph that `offseeker graph` made
    #[arg(long, value_name = "FILE", required_unless_present = "world", conflicts_with = "world")]
    graph: Option<PathBuf>,
    /// A folder that `offseeker world` made
    #[arg(long, value_name = "FOLDER")]
    world: Option<PathBuf>,
    /// The folder that the questions go to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// What they are drawn from
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Of a graph: how many are planned; some of them become questions
    #[arg(long, value_name = "N", default_value_t = 600)]
    items: u64,
    /// Of a graph: the share of entities that are held out
    #[arg(long, value_name = "SHARE", default_value_t = 0.4)]
    held_out: f64,
    /// Of a world: how many of each category, to learn from and to measure on
    #[arg(long, value_name = "N", default_value_t = 20)]
    each: usize,
}

impl Questions {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        if !(0.0..=1.0).contains(&self.held_out) {
            return Err(Failure::usage(format!("--held-out {} is no share", self.held_out)).hint("it is from 0 to 1"));
        }
        std::fs::create_dir_all(&self.out).map_err(Failure::io(&self.out))?;
        let (counts, dropped) = match (&self.world, &self.graph) {
            (Some(folder), _) => {
                let truth = graph::open(&folder.join("graph.packed"))?;
                let corpus = Corpus::of_world(corpus::world(folder)?, 3);
                (world::write_questions(corpus, truth, self.each, self.seed, &self.out, session)?, Default::default())
            }
            (None, Some(file)) => {
                let flow = self.of_graph(file, session).await?;
                (flow.counted, flow.dropped)
            }
            (None, None) => {
                return Err(
                    Failure::usage("nothing is named that questions are made of").hint("add --graph or --world")
                );
            }
        };
        let said = world::said(&counts);
        Ok(Outcome::done(said).with("questions", counts).with("dropped", dropped).made("folder", &self.out))
    }

    async fn of_graph(&self, file: &std::path::Path, session: &Session) -> Result<offseeker_pipeline::Flow, Failure> {
        let graph = Arc::new(graph::open(file)?);
        let name = file.file_stem().map_or_else(|| "graph".to_owned(), |name| name.to_string_lossy().into_owned());
        // Questions of a graph look at nothing else.
        let nothing = Arc::new(InMemory::of([]));
        let origin = Origin::Folder(FolderCorpus::default());
        let corpus = Corpus { name, search: nothing.clone(), library: nothing, origin };
        let (items, seed, held_out) = (self.items, self.seed, self.held_out);
        let config = PlannedQuestions { items, seed, held_out, ..PlannedQuestions::default() };
        let (files, watch) = (QuestionFiles::new(&self.out), session.watch(Stage::Questions));
        Ok(stages::planned(&corpus, graph, &config, &files, &watch).await?)
    }
}
