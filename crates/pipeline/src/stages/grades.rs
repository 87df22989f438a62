//! Attempts are graded, where they lie.

use std::path::Path;
use std::sync::Arc;

use offseeker_grading::run::Grading;
use offseeker_grading::scorers::Match;
use offseeker_trajectory_store::embedded::{Embedded, Options};

use crate::verified::Verified;
use crate::{Flow, PipelineError, Watch};

/// Grades the attempts in a store that have no grade yet: whether they are right and, where plans are known, whether they
/// verified what their questions describe.
///
/// # Errors
///
/// When the store fails, or the run was stopped. What was graded stays.
pub async fn grade(store: &Path, verified: Option<Verified>, watch: &Watch) -> Result<Flow, PipelineError> {
    let store = Arc::new(Embedded::open(store, &Options::default())?);
    let mut grading = Grading::new(store).by(Match);
    if let Some(verified) = verified {
        grading = grading.by(verified);
    }
    grading.stop = watch.stop.clone();
    let tally = Box::pin(grading.run()).await?;
    if tally.stopped {
        return Err(watch.stopped());
    }
    let graders = tally.graders.values();
    let outages: u64 = graders.clone().flat_map(|of| of.outages.values()).sum();
    let graded = tally.attempts as usize;
    Ok(Flow::new(graded, graded).dropping("outage", outages as usize))
}
