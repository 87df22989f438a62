//! Passes attempts through the stages of a recipe.

use offseeker_trajectory::TrajectoryId;
use serde::{Deserialize, Serialize};

use crate::stage::{Reason, Stage};
use crate::{Digest, Recipe};

/// Which attempts passed all stages, and why the others did not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Those that passed, in the order of their ids.
    pub kept: Vec<TrajectoryId>,
    /// Those that did not, in the order of their ids.
    pub dropped: Vec<Dropped>,
}

/// An attempt that did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The attempt.
    pub attempt: TrajectoryId,
    /// The stage that it did not pass; none where it was there twice.
    pub stage: Option<Stage>,
    /// Why.
    pub reason: Reason,
}

impl Selection {
    /// Whether an attempt passed all stages.
    #[must_use]
    pub fn has(&self, attempt: &TrajectoryId) -> bool {
        self.kept.binary_search(attempt).is_ok()
    }
}

/// Passes attempts through the stages of a recipe, in the order that it gives.
///
/// What comes of it depends on the digests and the recipe alone, not on the order of the digests; and what was kept is
/// kept again when it is selected from alone.
#[must_use]
pub fn select(digests: &[Digest], recipe: &Recipe) -> Selection {
    let (mut left, twice) = in_order(digests);
    let dropped = |stage, reason| move |digest: &Digest| Dropped { attempt: digest.attempt.clone(), stage, reason };
    let mut selection = Selection::default();
    selection.dropped.extend(twice.into_iter().map(dropped(None, Reason::SameAttempt)));
    for stage in &recipe.stages {
        let reasons = stage.pass(&left, recipe);
        let mut passed = Vec::with_capacity(left.len());
        for (digest, reason) in left.into_iter().zip(reasons) {
            match reason {
                None => passed.push(digest),
                Some(reason) => selection.dropped.push(dropped(Some(*stage), reason)(digest)),
            }
        }
        left = passed;
    }
    selection.kept = left.into_iter().map(|digest| digest.attempt.clone()).collect();
    selection.dropped.sort_by(|left, right| left.attempt.cmp(&right.attempt).then(left.stage.cmp(&right.stage)));
    selection
}

/// The digests in the order of their attempts, each attempt once, and those that came again.
pub(crate) fn in_order(digests: &[Digest]) -> (Vec<&Digest>, Vec<&Digest>) {
    let mut sorted: Vec<&Digest> = digests.iter().collect();
    sorted.sort_by(|left, right| {
        // Which of two digests of one attempt counts follows from what they say, not from where they stand.
        left.attempt.cmp(&right.attempt).then_with(|| format!("{left:?}").cmp(&format!("{right:?}")))
    });
    let (mut once, mut again): (Vec<&Digest>, Vec<&Digest>) = (Vec::with_capacity(sorted.len()), Vec::new());
    for digest in sorted {
        let is_there = once.last().is_some_and(|last| last.attempt == digest.attempt);
        if is_there { again.push(digest) } else { once.push(digest) }
    }
    (once, again)
}
