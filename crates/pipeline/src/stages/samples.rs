//! What passes five stages becomes samples.

use std::collections::HashMap;
use std::path::Path;

use futures::TryStreamExt;
use offseeker_curation::{CutRules, Digest, Digester, Recipe, Report, samples as cut, select};
use offseeker_trajectory::{Question, Sample, Trajectory, TrajectoryId};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::formats::LineWriter;
use offseeker_trajectory_store::{Filter, TrajectoryStore, TrajectoryStoreExt};

use crate::config::SftConfig;
use crate::corpora::{Corpora, Renamed};
use crate::folder::write_json;
use crate::questions::{describes, hops_of, write_lines};
use crate::{Flow, PipelineError, RunFolder, Watch};

/// How many attempts are read at once.
const AT_ONCE: usize = 64;

/// How attempts become samples.
#[derive(Debug, Clone)]
pub struct Sampling<'a> {
    /// Which attempts pass.
    pub recipe: &'a Recipe,
    /// Under how many names, and in which order.
    pub order: &'a SftConfig,
    /// Where names are permuted.
    pub corpora: &'a Corpora,
}

/// An attempt under other names, or its own.
#[derive(Debug, Clone)]
struct Copy {
    attempt: TrajectoryId,
    /// Which other names; none for its own.
    names: Option<u64>,
    what: Renamed,
    place: u64,
}

/// Filters the attempts in a store, and cuts samples from what passes, in the order in which they are to be learnt from:
/// most at the shortest questions first, then many at
/// longer ones that describe nothing, and in each part drawn by the seed.
///
/// # Errors
///
/// When the store fails, nothing passes, or the run was stopped.
pub async fn samples(store: &Path, how: &Sampling<'_>, to: &RunFolder, watch: &Watch) -> Result<Flow, PipelineError> {
    let store = Embedded::open(store, &Options::default())?;
    let (mut digests, mut asked): (Vec<Digest>, HashMap<TrajectoryId, Asked>) = Default::default();
    let digester = Digester::default();
    let mut attempts = store.trajectories(&Filter::default());
    while let Some(attempt) = attempts.try_next().await? {
        watch.go_on()?;
        asked.insert(attempt.id.clone(), Asked::of(&attempt.question));
        digests.push(digester.digest(&attempt));
    }
    drop(attempts);
    let selection = select(&digests, how.recipe);
    let mut flow = Flow::new(digests.len(), selection.kept.len());
    for dropped in &selection.dropped {
        *flow.dropped.entry(dropped.reason.as_str().to_owned()).or_default() += 1;
    }
    if selection.kept.is_empty() {
        let what = format!("none of {} attempts passed the filter ({:?}); see `filter`", digests.len(), flow.dropped);
        return Err(PipelineError::Nothing { what });
    }
    write_json(&to.data("filter.json"), &Report::of(&digests, how.recipe, &selection))?;
    write_lines(&to.data("dropped.jsonl"), &selection.dropped)?;
    let copies = in_order(&selection.kept, &asked, how);
    let written = write(&store, &copies, how.corpora, &to.data("samples.jsonl"), watch).await?;
    Ok(flow.counting("samples", written))
}

/// What an attempt was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    hops: u64,
    describes: bool,
}

impl Asked {
    fn of(question: &Question) -> Self {
        Self { hops: hops_of(question), describes: describes(question) }
    }
}

/// Which attempts are learnt from under which names, in their order: a part of the shortest, a part of what describes
/// nothing, and all others.
fn in_order(kept: &[TrajectoryId], asked: &HashMap<TrajectoryId, Asked>, how: &Sampling<'_>) -> Vec<Copy> {
    let SftConfig { seed, opening, chains, opening_renamings, renamings, .. } = *how.order;
    let least = kept.iter().filter_map(|id| asked.get(id)).map(|asked| asked.hops).min().unwrap_or_default();
    let mut parts: [Vec<Copy>; 3] = Default::default();
    for (place, id) in (0..).zip(kept) {
        let asked = asked.get(id).copied().unwrap_or(Asked { hops: least, describes: true });
        let comes_early = |share| drawn(seed, "opening", id.as_str(), 0) < share;
        let part = match asked {
            Asked { describes: false, hops } if hops == least && comes_early(opening) => 0,
            Asked { describes: false, hops } if hops > least && comes_early(chains) => 1,
            _ => 2,
        };
        let times = if part < 2 { opening_renamings } else { renamings };
        // Copying values is learnt from ever other ones; comparing them, from those that are.
        let what = if asked.describes { Renamed::Names } else { Renamed::Values };
        let copy = |names| Copy { attempt: id.clone(), names, what, place };
        match times {
            times if times > 0 && how.corpora.can_rename() => {
                parts[part].extend((0..times).map(|number| copy(Some(number))));
            }
            _ => parts[part].push(copy(None)),
        }
    }
    for part in &mut parts {
        part.sort_by(|left, right| {
            let order = |copy: &Copy| drawn(seed, "order", copy.attempt.as_str(), copy.names.unwrap_or_default());
            order(left).total_cmp(&order(right))
        });
    }
    parts.concat()
}

/// A number from 0 to 1 that follows from what it is for.
fn drawn(seed: u64, purpose: &str, of: &str, number: u64) -> f64 {
    let hash = blake3::hash(format!("{seed}\n{purpose}\n{of}\n{number}").as_bytes());
    let drawn = u64::from_le_bytes(std::array::from_fn(|byte| hash.as_bytes()[byte]));
    (drawn >> 11) as f64 / (1_u64 << 53) as f64
}

/// Writes the samples of all copies, and says how many there are.
async fn write(
    store: &Embedded,
    copies: &[Copy],
    corpora: &Corpora,
    file: &Path,
    watch: &Watch,
) -> Result<usize, PipelineError> {
    let mut out = LineWriter::create(file)?;
    let mut done = 0;
    for some in copies.chunks(AT_ONCE) {
        watch.go_on()?;
        let ids: Vec<TrajectoryId> = some.iter().map(|copy| copy.attempt.clone()).collect();
        let stored = store.read(&ids).await?;
        for (copy, stored) in some.iter().zip(stored) {
            for sample in renamed(&stored.trajectory, copy, corpora)? {
                out.write(&serde_json::to_string(&sample).expect("a sample is JSON"))?;
            }
        }
        done += some.len() as u64;
        watch.step(done, copies.len() as u64, "cut");
    }
    Ok(out.finish()? as usize)
}

/// The samples of an attempt under other names, where names can be permuted. They say which attempt they are of.
fn renamed(attempt: &Trajectory, copy: &Copy, corpora: &Corpora) -> Result<Vec<Sample>, PipelineError> {
    let Some(names) = copy.names else { return Ok(cut(attempt, &CutRules::default())?) };
    let seed = copy.place.wrapping_mul(1_000_003).wrapping_add(names);
    let Some(renamed) = corpora.renamed(attempt, seed, copy.what)? else {
        return Ok(cut(attempt, &CutRules::default())?);
    };
    let mut samples = cut(&renamed, &CutRules::default())?;
    for from in samples.iter_mut().filter_map(|sample| sample.from.as_mut()) {
        from.trajectory = attempt.id.clone();
    }
    Ok(samples)
}
