//! Graded attempts become training data: samples of what passes, pairs, groups, and why not the rest.

use std::collections::BTreeMap;
use std::path::Path;

use futures::TryStreamExt;
use offseeker_curation::{
    CutRules, Digest, Digester, GroupRules, PairRules, PairsReport, Recipe, Report, pair_up, samples, select,
};
use offseeker_trajectory::{QuestionId, Trajectory};
use offseeker_trajectory_store::formats::LineWriter;
use offseeker_trajectory_store::{Filter, TrajectoryStore, TrajectoryStoreExt};
use serde::Serialize;

use crate::folder::write_json;
use crate::questions::write_lines;
use crate::{PipelineError, Watch};

/// By which rules attempts become training data.
#[derive(Debug, Clone, Default)]
pub struct Curating {
    /// Which attempts are learnt from.
    pub recipe: Recipe,
    /// How samples are cut.
    pub cut: CutRules,
    /// Which pairs are made.
    pub pairs: PairRules,
    /// How all attempts at a question are put side by side; none where no groups are wanted.
    pub groups: Option<GroupRules>,
}

/// What became of attempts.
#[derive(Debug, Clone, Serialize)]
pub struct Curated {
    /// What each stage of the filter let through, and why not the rest.
    pub filter: Report,
    /// What came of pairing.
    pub pairing: PairsReport,
    /// How many attempts there were.
    pub attempts: u64,
    /// How many samples were written.
    pub samples: u64,
    /// How many pairs were written.
    pub pairs: u64,
    /// How many groups were written.
    pub groups: u64,
}

/// Makes training data of the attempts in a store: `samples.jsonl`, `pairs.jsonl`, `groups.jsonl`, `dropped.jsonl` and
/// `curation.json` in a folder. Each file is there whole or not at all.
///
/// Attempts are looked at twice: of all of them about a kilobyte each stays in memory, and only those that were chosen are
/// read again.
///
/// # Errors
///
/// When the store fails, an attempt cannot be cut, the system refuses, or it was stopped.
pub async fn curate(
    store: &dyn TrajectoryStore,
    filter: &Filter,
    how: &Curating,
    to: &Path,
    watch: &Watch,
) -> Result<Curated, PipelineError> {
    std::fs::create_dir_all(to).map_err(PipelineError::io(to))?;
    let digests = digests(store, filter, watch).await?;
    let selection = select(&digests, &how.recipe);
    write_lines(&to.join("dropped.jsonl"), &selection.dropped)?;

    let mut out = LineWriter::create(to.join("samples.jsonl"))?;
    for (done, id) in (1..).zip(&selection.kept) {
        watch.go_on()?;
        for sample in samples(&store.get(id).await?.trajectory, &how.cut)? {
            out.write(&line(&sample))?;
        }
        watch.step(done, selection.kept.len() as u64, "cut");
    }
    let samples = out.finish()?;

    let found = pair_up(&digests, &how.pairs);
    let mut out = LineWriter::create(to.join("pairs.jsonl"))?;
    for planned in &found.planned {
        watch.go_on()?;
        let (chosen, rejected) = (store.get(&planned.chosen).await?, store.get(&planned.rejected).await?);
        // A pair whose sides do not part teaches nothing.
        if let Ok(pair) = planned.cut(&chosen.trajectory, &rejected.trajectory, &how.pairs, None) {
            out.write(&line(&pair))?;
        }
    }
    let pairs = out.finish()?;

    let groups = match &how.groups {
        Some(rules) => groups(store, &digests, rules, &to.join("groups.jsonl"), watch).await?,
        None => 0,
    };
    let (filter, pairing) = (Report::of(&digests, &how.recipe, &selection), found.report());
    let curated = Curated { filter, pairing, attempts: digests.len() as u64, samples, pairs, groups };
    write_json(&to.join("curation.json"), &curated)?;
    Ok(curated)
}

async fn digests(store: &dyn TrajectoryStore, filter: &Filter, watch: &Watch) -> Result<Vec<Digest>, PipelineError> {
    let (digester, mut digests) = (Digester::default(), Vec::new());
    let mut attempts = store.trajectories(filter);
    while let Some(attempt) = attempts.try_next().await? {
        watch.go_on()?;
        digests.push(digester.digest(&attempt));
    }
    Ok(digests)
}

/// Writes all attempts at each question side by side, a question at a time.
async fn groups(
    store: &dyn TrajectoryStore,
    digests: &[Digest],
    rules: &GroupRules,
    file: &Path,
    watch: &Watch,
) -> Result<u64, PipelineError> {
    let mut of_question: BTreeMap<&QuestionId, Vec<&Digest>> = BTreeMap::new();
    for digest in digests {
        of_question.entry(&digest.question).or_default().push(digest);
    }
    let mut out = LineWriter::create(file)?;
    for digests in of_question.values() {
        watch.go_on()?;
        let ids: Vec<_> = digests.iter().map(|digest| digest.attempt.clone()).collect();
        let attempts: Vec<Trajectory> = store.read(&ids).await?.into_iter().map(|stored| stored.trajectory).collect();
        let members: Vec<_> = attempts.iter().zip(digests.iter().copied()).collect();
        out.write(&line(&rules.group(&members)?))?;
    }
    Ok(out.finish()?)
}

fn line<T: Serialize>(row: &T) -> String {
    serde_json::to_string(row).expect("training data are JSON")
}
