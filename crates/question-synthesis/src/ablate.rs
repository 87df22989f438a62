//! Finds out which clues are needed, and how hard that makes a question.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Difficulty, Draft, Ground, Level, Pass, Rejection, ablate, near_misses};

const NAME: &str = "ablate";

/// Finds out which clues of a draft are needed and labels how hard it is. A draft of the level [`Level::Pruned`] with a
/// clue to spare is thrown out.
#[derive(Debug, Clone)]
pub struct Ablate {
    ground: Arc<Ground>,
}

impl Ablate {
    /// Checks by what a graph says.
    #[must_use]
    pub fn new(ground: Arc<Ground>) -> Self {
        Self { ground }
    }
}

#[async_trait]
impl Pass for Ablate {
    fn name(&self) -> &str {
        NAME
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let Some(ablation) = ablate(&self.ground, &draft.plan) else {
            return Err(Rejection::undetermined(NAME, "gave_up", "there were too many candidates to look at"));
        };
        if draft.level >= Level::Pruned && !ablation.spare.is_empty() {
            let reason = format!("{} of its clues are not needed", ablation.spare.len());
            return Err(Rejection::rejected(NAME, "clue_to_spare", reason));
        }
        draft.checks.ablation = Some(ablation);
        let names: HashSet<_> = draft.plan.constants().map(|(id, _)| id).collect();
        draft.difficulty = Some(Difficulty {
            hops: draft.plan.hops(),
            clues: draft.plan.clues.len() as u32,
            unknowns: draft.plan.variables().len() as u32,
            names: names.len() as u32,
            distractors: near_misses(&self.ground, &draft.plan) as u32,
            pilots: draft.difficulty.and_then(|difficulty| difficulty.pilots),
        });
        Ok(draft)
    }
}
