//! Questions are attempted.

use std::path::Path;
use std::sync::Arc;

use offseeker_agent_loop::Run;
use offseeker_agent_loop::run::Event;
use offseeker_trajectory::Question;
use offseeker_trajectory_store::embedded::{Embedded, Options};

use crate::questions::corpus_of;
use crate::{Crew, Flow, PipelineError, Watch};

/// How questions are attempted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempting {
    /// What the attempts are for.
    pub name: String,
    /// How many times each question is attempted.
    pub times: u32,
    /// How many attempts are made at once.
    pub at_once: usize,
    /// What samples are drawn from.
    pub seed: u64,
}

/// Attempts questions, each by the agent of its corpus, as far as they have not been attempted into this store.
///
/// # Errors
///
/// When a run cannot go on, or was stopped. What was made stays, and is not made again.
pub async fn attempt(
    questions: &[Question],
    crew: &Crew,
    how: &Attempting,
    store: &Path,
    watch: &Watch,
) -> Result<Flow, PipelineError> {
    let store = Arc::new(Embedded::open(store, &Options::default())?);
    let all = questions.len() as u64 * u64::from(how.times);
    let (mut done, mut flow) = (0, Flow::new(questions.len(), 0));
    for (corpus, agent) in crew.members() {
        let asked: Vec<Question> = questions.iter().filter(|it| corpus_of(it) == corpus).cloned().collect();
        if asked.is_empty() {
            continue;
        }
        let manifest = agent.manifest(format!("{} on {corpus}", how.name), how.seed)?;
        let (told, name) = (watch.clone(), how.name.clone());
        let run = Run::new(agent.clone(), store.clone(), manifest)
            .attempting(how.times)
            .at_once(how.at_once)
            .mending_failures()
            .stopped_by(watch.stop.clone())
            .telling(move |event| {
                if let Event::Progress(pace) = event {
                    told.step(done + pace.progress.ended, all, name.clone());
                }
            });
        let summary = Box::pin(run.attempt_all(futures::stream::iter(asked))).await?;
        if summary.was_stopped {
            return Err(watch.stopped());
        }
        done += summary.progress.ended;
    }
    flow.went = done;
    Ok(flow)
}
