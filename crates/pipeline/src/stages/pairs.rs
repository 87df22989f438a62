//! The student's best attempts are paired with its worst.

use std::path::Path;

use futures::TryStreamExt;
use offseeker_curation::{Digest, Digester, PairRules, PlannedPair, Refusal, pair_up};
use offseeker_trajectory::{Pair, Trajectory};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::formats::LineWriter;
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};

use crate::corpora::{Corpora, Renamed};
use crate::folder::write_json;
use crate::{Flow, PipelineError, RunFolder, Watch};

/// How attempts become pairs.
#[derive(Debug, Clone)]
pub struct Pairing<'a> {
    /// Which attempts are paired with which.
    pub rules: &'a PairRules,
    /// Under how many other names each pair is learnt from, where names can be permuted.
    pub renamings: u64,
    /// Where names are permuted.
    pub corpora: &'a Corpora,
}

/// Pairs the attempts in a store by rules, and writes the pairs and why there are not more.
///
/// That there is none is no error: a student that gets everything right, or nothing, has nothing to prefer.
///
/// # Errors
///
/// When the store fails, or the run was stopped.
pub async fn pairs(store: &Path, how: &Pairing<'_>, to: &RunFolder, watch: &Watch) -> Result<Flow, PipelineError> {
    let store = Embedded::open(store, &Options::default())?;
    let digester = Digester::default();
    let mut digests: Vec<Digest> = Vec::new();
    let mut attempts = store.trajectories(&Filter::default());
    while let Some(attempt) = attempts.try_next().await? {
        watch.go_on()?;
        digests.push(digester.digest(&attempt));
    }
    drop(attempts);
    let found = pair_up(&digests, how.rules);
    write_json(&to.data("pairs.json"), &found.report())?;
    let mut flow = Flow::new(digests.len(), 0);
    for refused in &found.refused {
        *flow.dropped.entry(refused.reason.as_str().to_owned()).or_default() += 1;
    }
    let mut out = LineWriter::create(to.data("pairs.jsonl"))?;
    for (place, planned) in (0..).zip(&found.planned) {
        watch.go_on()?;
        let (chosen, rejected) = (store.get(&planned.chosen).await?, store.get(&planned.rejected).await?);
        match cut(planned, &chosen.trajectory, &rejected.trajectory, place, how)? {
            Ok(pairs) => {
                flow.went += 1;
                for pair in pairs {
                    out.write(&serde_json::to_string(&pair).expect("a pair is JSON"))?;
                }
            }
            Err(reason) => *flow.dropped.entry(reason.as_str().to_owned()).or_default() += 1,
        }
    }
    let written = out.finish()? as usize;
    Ok(flow.counting("pairs", written))
}

/// A pair under other names, so many times, or under its own. The samples say which attempts they are of.
fn cut(
    planned: &PlannedPair,
    chosen: &Trajectory,
    rejected: &Trajectory,
    place: u64,
    how: &Pairing<'_>,
) -> Result<Result<Vec<Pair>, Refusal>, PipelineError> {
    let mut pairs = Vec::new();
    for number in 0..if how.corpora.can_rename() { how.renamings } else { 0 } {
        let seed = place.wrapping_mul(1_000_003).wrapping_add(number).wrapping_add(1 << 40);
        let renamed = |attempt| how.corpora.renamed(attempt, seed, Renamed::Names);
        let renamed = (renamed(chosen)?, renamed(rejected)?);
        let (Some(better), Some(worse)) = renamed else { break };
        let (question, margin) = (better.question.id.clone(), planned.margin);
        let planned = PlannedPair { question, chosen: better.id.clone(), rejected: worse.id.clone(), margin };
        match planned.cut(&better, &worse, how.rules, None) {
            Ok(mut pair) => {
                for (sample, attempt) in [(&mut pair.chosen, chosen), (&mut pair.rejected, rejected)] {
                    sample.from.iter_mut().for_each(|from| from.trajectory = attempt.id.clone());
                }
                pairs.push(pair);
            }
            Err(reason) => return Ok(Err(reason)),
        }
    }
    if pairs.is_empty() {
        return Ok(planned.cut(chosen, rejected, how.rules, None).map(|pair| vec![pair]));
    }
    Ok(Ok(pairs))
}
