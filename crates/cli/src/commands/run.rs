//! `offseeker run`: the whole loop in one folder.

use std::path::PathBuf;

use clap::Args;
use offseeker_pipeline::{Config, Pipeline, RunFolder};

use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;

/// Runs the whole loop in one folder: corpus, graph, questions, attempts, grades, filter, fine-tuning, preference, figures.
///
/// Killed at any moment, the same command goes on where it was and ends with the same report, byte for byte. What a changed
/// configuration does not touch is left as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker config > my.toml
  offseeker run my.toml target/my-run
  offseeker view target/my-run --serve

In the folder: report.json, report.html, and all that they rest on; docs/pipeline.md says what is where.")]
pub(crate) struct Run {
    /// The configuration, as `offseeker config` prints it
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    /// The folder of the run; target/runs/ and the name of the configuration, where it is not said
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Run {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let config = Config::read(&self.config)?;
        let folder = self.folder.clone().unwrap_or_else(|| PathBuf::from("target/runs").join(&config.name));
        let pipeline = Pipeline::new(config, &folder).stopped_by(session.stop.clone()).watched_by(session.watcher());
        let report = Box::pin(pipeline.run()).await.map_err(|error| {
            let said = error.to_string();
            let is_stopped = error.is_stopped();
            let failure = Failure::from(error);
            if !is_stopped {
                return failure.or_hint("what was made is kept; once that is mended, the same command goes on");
            }
            let again = format!("offseeker run {} {}", self.config.display(), folder.display());
            Failure { what: said, ..failure }.hint(format!("go on with: {again}"))
        })?;
        let folder = RunFolder::new(folder);
        let outcome =
            Outcome::done(report.results.to_string()).with("results", &report.results).with("funnel", &report.funnel);
        Ok(outcome.made("report", &folder.report()).made("page", &folder.page()))
    }
}
