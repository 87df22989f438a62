//! Leaves clues out that are not needed.

use std::cmp::Reverse;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::Metadata;

use crate::ablation::without;
use crate::draft::KINDS;
use crate::{Clue, Constraint, Draft, Ground, Level, Pass, Plan, Rejection, Variable};

const NAME: &str = "prune";

/// Leaves clues out of drafts of the level [`Level::Pruned`], one after the other, as long as the answer is the only one:
/// afterwards every clue is needed.
///
/// A kind that is left out still lends its noun to the words: `kinds` in the metadata of the draft says it.
///
/// Properties go first, then kinds, then relations, and of these what is nearest to the answer first; so what is left
/// leads through as many steps as it can.
#[derive(Debug, Clone)]
pub struct Prune {
    ground: Arc<Ground>,
    /// How many relations lie at least between the answer and some clue of what is left; drafts with fewer are thrown out.
    /// 1.
    pub least_hops: u32,
}

impl Prune {
    /// Prunes by what a graph says.
    #[must_use]
    pub fn new(ground: Arc<Ground>) -> Self {
        Self { ground, least_hops: 1 }
    }

    /// Leaves out what is not needed; false where that could not be found out.
    fn prune(&self, plan: &mut Plan) -> bool {
        let distances = plan.distances();
        let nearness = |clue: &Clue| {
            let sort = match clue.says {
                Constraint::Field { .. } => 0,
                Constraint::Kind { .. } => 1,
                Constraint::Relation { .. } => 2,
            };
            (sort, clue.says.variables().filter_map(|it| distances.get(&it).copied()).min())
        };
        let mut order: Vec<usize> = (0..plan.clues.len()).collect();
        order.sort_by_key(|at| nearness(&plan.clues[*at]));
        let mut gone = Vec::new();
        for at in order {
            let place = at - gone.iter().filter(|before| **before < at).count();
            let fewer = without(plan, place);
            match self.ground.solve(&fewer, 1).is_only(&plan.answer.text) {
                Some(true) => {
                    *plan = fewer;
                    gone.push(at);
                }
                Some(false) => {}
                None => return false,
            }
        }
        let left = plan.variables();
        plan.bindings.retain(|variable, _| left.contains(variable));
        true
    }
}

/// The kinds that clues say.
fn kinds(plan: &Plan) -> Vec<(Variable, String)> {
    let kind = |clue: &Clue| match &clue.says {
        Constraint::Kind { of, kind } => Some((of.variable()?, kind.clone())),
        _ => None,
    };
    plan.clues.iter().filter_map(kind).collect()
}

#[async_trait]
impl Pass for Prune {
    fn name(&self) -> &str {
        NAME
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        if draft.level >= Level::Pruned {
            let kinds = kinds(&draft.plan);
            if !self.prune(&mut draft.plan) {
                let reason = "whether a clue is needed took too long to find out";
                return Err(Rejection::undetermined(NAME, "gave_up", reason));
            }
            if draft.plan.hops() < self.least_hops {
                let reason = format!("{} relations are left between the answer and the clues", draft.plan.hops());
                return Err(Rejection::rejected(NAME, "too_shallow", reason));
            }
            let left = draft.plan.variables();
            let kinds = kinds.into_iter().filter(|(variable, _)| left.contains(variable));
            let kinds: Metadata = kinds.map(|(variable, kind)| (variable.to_string(), kind.into())).collect();
            draft.metadata.insert(KINDS.to_owned(), kinds.into());
        }
        // The farthest first reads as a way to the answer, whatever wrote the clues down.
        let distances = draft.plan.distances();
        let far = |clue: &Clue| clue.says.variables().filter_map(|it| distances.get(&it).copied()).max();
        draft.plan.clues.sort_by_key(|clue| Reverse(far(clue)));
        Ok(draft)
    }
}
