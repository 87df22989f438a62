//! The whole loop: from a corpus to a trained agent and a report.

use std::path::PathBuf;

use offseeker_remote::Stop;

use crate::desk::Desk;
use crate::{Config, Corpora, PipelineError, Report, RunFolder, Watcher};

/// The whole loop in one folder.
///
/// A stage that was made by the same configuration is left as it is, one that was begun goes on, and one whose
/// configuration has changed is made anew with all that hangs on it. So a run may be stopped or killed at any moment and
/// begun again, and in the end there is the same report, byte for byte.
///
/// ```no_run
/// use offseeker_pipeline::{Config, Console, Pipeline, Scale};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_pipeline::PipelineError> {
/// let config = Config::miniature(Scale::Small).in_world(7);
/// let report = Pipeline::new(config, "target/miniature").watched_by(Console::watcher()).run().await?;
/// println!("{}", report.results);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Pipeline {
    config: Config,
    folder: PathBuf,
    stop: Stop,
    watcher: Watcher,
}

impl Pipeline {
    /// A run by a configuration in a folder, which is made where it is not there.
    pub fn new(config: Config, folder: impl Into<PathBuf>) -> Self {
        Self { config, folder: folder.into(), stop: Stop::default(), watcher: Watcher::default() }
    }

    /// Stops when it is asked to. Everything that was made is kept.
    #[must_use]
    pub fn stopped_by(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// Tells somebody how far it is.
    #[must_use]
    pub fn watched_by(self, watcher: Watcher) -> Self {
        Self { watcher, ..self }
    }

    /// Runs it, from where it is.
    ///
    /// # Errors
    ///
    /// When the configuration makes no sense, another process works in the folder, a stage fails, or somebody stopped it.
    /// What was made stays.
    pub async fn run(&self) -> Result<Report, PipelineError> {
        let run = self.begin()?;
        let graph = run.graph().await?;
        let questions = run.questions(&graph).await?;

        let attempts = run.attempts(&questions).await?;
        let grades = run.grades(&attempts).await?;
        let samples = run.samples(&grades).await?;
        let student = run.student(&attempts).await?;
        let sft = run.sft(&student, &samples).await?;

        let rollouts = run.rollouts(&questions, &sft).await?;
        let rollout_grades = run.rollout_grades(&rollouts).await?;
        let pairs = run.pairs(&rollout_grades).await?;
        let dpo = run.dpo(&sft, &pairs).await?;

        let evaluation = run.evaluation(&questions, &student, &sft, &dpo).await?;
        run.report(&evaluation).await
    }

    /// Makes the folder ready, and keeps others out of it.
    fn begin(&self) -> Result<Desk, PipelineError> {
        self.config.check()?;
        let folder = RunFolder::new(&self.folder);
        let lock = folder.lock()?;
        let place = folder.config();
        let text = self.config.documented();
        offseeker_durable::write(&place, text.as_bytes()).map_err(PipelineError::io(&place))?;
        let corpora = Corpora::open(&self.config, &folder)?;
        let (config, stop, watcher) = (self.config.clone(), self.stop.clone(), self.watcher.clone());
        Ok(Desk { config, folder, corpora, watcher, stop, _lock: lock })
    }
}
