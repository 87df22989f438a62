//! Attempts are graded, where they lie.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use offseeker_grading::Grader;
use offseeker_grading::run::{Event, Grading, Watcher};
use offseeker_grading::scorers::Match;
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};

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
    let of = store.count(&Filter::default()).await?;
    let mut grading = Grading::new(store).by(Match);
    if let Some(verified) = verified {
        grading = grading.by(verified);
    }
    grading.stop = watch.stop.clone();
    grading.watcher = telling(watch, of);
    let tally = Box::pin(grading.run()).await?;
    if tally.stopped {
        return Err(watch.stopped());
    }
    let graders = tally.graders.values();
    let outages: u64 = graders.clone().flat_map(|of| of.outages.values()).sum();
    let graded = tally.attempts as usize;
    Ok(Flow::new(graded, graded).dropping("outage", outages as usize))
}

/// Tells how many attempts are known to be right or wrong.
fn telling(watch: &Watch, of: u64) -> Watcher {
    let (watch, done) = (watch.clone(), AtomicU64::new(0));
    Watcher::new(move |event| {
        if let Event::Graded { grade, .. } = event
            && grade.grader == Match.name()
        {
            watch.step(1 + done.fetch_add(1, Ordering::Relaxed), of, "graded");
        }
    })
}
