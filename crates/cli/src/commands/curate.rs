//! `offseeker curate`: makes training data of graded attempts.

use std::path::PathBuf;

use clap::Args;
use offseeker_curation::GroupRules;
use offseeker_pipeline::stages::{Curating, curate};
use offseeker_pipeline::{Config, Stage};
use offseeker_trajectory_store::Filter;

use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;
use crate::store::StoreArguments;

/// Makes training data of graded attempts: a filter of five stages, samples, pairs, groups.
///
/// The rules are the sections [filter] and [pairs] of a configuration; `offseeker config` prints and explains them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker curate --store target/attempts.db --out target/data
  offseeker curate --store target/attempts.db --config my.toml --out target/data --groups

In the folder: samples.jsonl, pairs.jsonl, groups.jsonl, dropped.jsonl (why not the others), curation.json.")]
pub(crate) struct Curate {
    #[command(flatten)]
    store: StoreArguments,
    /// The folder that the data go to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// A configuration, of which [filter] and [pairs] count
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The grader that says which attempts are right; may be given several times, and all count
    #[arg(long = "grader", value_name = "NAME", default_value = "offseeker/match@1")]
    graders: Vec<String>,
    /// Writes all attempts at each question side by side too
    #[arg(long)]
    groups: bool,
}

impl Curate {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let config = match &self.config {
            Some(file) => Config::read(file)?,
            None => Config::default(),
        };
        let store = self.store.open_existing().await?;
        let mut how =
            Curating { recipe: config.filter, pairs: config.pairs.rules(self.graders.clone()), ..Curating::default() };
        how.recipe.correctness = how.pairs.graders.clone();
        how.groups = self.groups.then(GroupRules::default);
        let watch = session.watch(Stage::Samples);
        let curated = Box::pin(curate(&*store, &Filter::default(), &how, &self.out, &watch)).await?;
        let counts = format!("{} samples, {} pairs, {} groups", curated.samples, curated.pairs, curated.groups);
        let said = format!("{}\n\n{}\n\n{counts} of {} attempts", curated.filter, curated.pairing, curated.attempts);
        if curated.samples == 0 {
            session.note("hint: nothing passed the filter; it says above why, and dropped.jsonl of each attempt");
        }
        let is_lacking = curated.samples == 0;
        Ok(Outcome::done(said).with("curated", &curated).made("folder", &self.out).lacking(is_lacking))
    }
}
