//! `offseeker grade`: says how good attempts are.

use std::path::PathBuf;

use clap::Args;
use offseeker_grading::run::{Grading, Regrade};
use offseeker_pipeline::{QuestionFiles, Set, Verified, model};

use crate::failure::Failure;
use crate::graders::GraderArguments;
use crate::model::ModelArguments;
use crate::outcome::Outcome;
use crate::session::Session;
use crate::store::StoreArguments;

/// Says how good the attempts in a store are, and writes that beside them.
///
/// Attempts that have a grade keep it; the same command goes on where it was.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker grade --store target/attempts.db
  offseeker grade --store target/attempts.db --by gaia --by number
  offseeker grade --store target/attempts.db --judge offseeker --base-url http://localhost:8000/v1 --model judge
  offseeker grade --store target/attempts.db --plans target/world/questions

Forms of judges: offseeker, browsecomp, xbench, letter, tag, brackets, deepresearcher.
Ends with 4 where an attempt is left without a score.")]
pub(crate) struct Grade {
    #[command(flatten)]
    store: StoreArguments,
    #[command(flatten)]
    graders: GraderArguments,
    #[command(flatten)]
    model: ModelArguments,
    /// A folder of questions with plans: grades too whether attempts verified what their questions describe
    #[arg(long, value_name = "FOLDER")]
    plans: Option<PathBuf>,
    /// The protocol in which the attempts were made, for --plans
    #[arg(long, value_name = "NAME", default_value = "few-words")]
    protocol: String,
    /// Grades anew what a judge could not score
    #[arg(long)]
    again: bool,
    /// How many attempts are graded at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    at_once: usize,
}

impl Grade {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let graders = self.graders.open(&self.model)?;
        let store = self.store.open_existing().await?;
        let mut grading = graders.into_iter().fold(Grading::new(store), Grading::by);
        if let Some(folder) = &self.plans {
            grading = grading.by(self.verified(folder)?);
        }
        grading.at_once = self.at_once;
        grading.stop = session.stop.clone();
        if self.again {
            grading.regrade = Regrade::Unscored;
        }
        let tally = Box::pin(grading.run()).await?;
        if tally.stopped {
            return Err(Failure::stopped());
        }
        let of = |what: &str| tally.graders.values().filter_map(|of| of.graded.get(what)).sum::<u64>();
        let outages: u64 = tally.graders.values().flat_map(|of| of.outages.values()).sum();
        let is_lacking = of("unscored") + outages > 0;
        Ok(Outcome::done(tally.to_string())
            .with("attempts", tally.attempts)
            .with("graders", &tally.graders)
            .lacking(is_lacking))
    }

    fn verified(&self, folder: &std::path::Path) -> Result<Verified, Failure> {
        let (files, mut plans) = (QuestionFiles::new(folder), std::collections::HashMap::new());
        for set in Set::ALL {
            plans.extend(files.plans(set)?);
        }
        if plans.is_empty() {
            return Err(Failure::new(format!("{} has no plans", folder.display()))
                .hint("name a folder that `offseeker questions` made; plans are in NAME.plans.jsonl"));
        }
        Ok(Verified::new(plans, model::dialect(&self.protocol)?))
    }
}
