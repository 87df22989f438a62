//! The student's best attempts are paired with its worst.

use std::path::Path;

use futures::TryStreamExt;
use offseeker_curation::{Digest, Digester, PairRules, pair_up};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::formats::LineWriter;
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};

use crate::folder::write_json;
use crate::{Flow, PipelineError, RunFolder, Watch};

/// Pairs the attempts in a store by rules, and writes the pairs and why there are not more.
///
/// That there is none is no error: a student that gets everything right, or nothing, has nothing to prefer.
///
/// # Errors
///
/// When the store fails, or the run was stopped.
pub async fn pairs(store: &Path, rules: &PairRules, to: &RunFolder, watch: &Watch) -> Result<Flow, PipelineError> {
    let store = Embedded::open(store, &Options::default())?;
    let digester = Digester::default();
    let mut digests: Vec<Digest> = Vec::new();
    let mut attempts = store.trajectories(&Filter::default());
    while let Some(attempt) = attempts.try_next().await? {
        watch.go_on()?;
        digests.push(digester.digest(&attempt));
    }
    drop(attempts);
    let found = pair_up(&digests, rules);
    write_json(&to.data("pairs.json"), &found.report())?;
    let mut flow = Flow::new(digests.len(), 0);
    for refused in &found.refused {
        *flow.dropped.entry(refused.reason.as_str().to_owned()).or_default() += 1;
    }
    let mut out = LineWriter::create(to.data("pairs.jsonl"))?;
    for planned in &found.planned {
        let (chosen, rejected) = (store.get(&planned.chosen).await?, store.get(&planned.rejected).await?);
        match planned.cut(&chosen.trajectory, &rejected.trajectory, rules, None) {
            Ok(pair) => out.write(&serde_json::to_string(&pair).expect("a pair is JSON"))?,
            Err(reason) => *flow.dropped.entry(reason.as_str().to_owned()).or_default() += 1,
        }
    }
    flow.went = out.finish()?;
    Ok(flow)
}
