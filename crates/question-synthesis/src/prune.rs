//! Leaves clues out that are not needed.

use std::cmp::Reverse;
use std::sync::Arc;

use async_trait::async_trait;

use crate::ablation::without;
use crate::{Clue, Constraint, Draft, Ground, Level, Pass, Plan, Rejection};

const NAME: &str = "prune";

/// Leaves clues out of drafts of the level [`Level::Pruned`], one after the other, as long as the answer is the only one:
/// afterwards every clue is needed.
///
/// Properties go first, then kinds, then relations, and of these what is nearest to the answer first; so what is left
/// leads through as many steps as it can.
#[derive(Debug, Clone)]
pub struct Prune {
    ground: Arc<Ground>,
}

impl Prune {
    /// Prunes by what a graph says.
    #[must_use]
    pub fn new(ground: Arc<Ground>) -> Self {
        Self { ground }
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

#[async_trait]
impl Pass for Prune {
    fn name(&self) -> &str {
        NAME
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        if draft.level >= Level::Pruned && !self.prune(&mut draft.plan) {
            let reason = "whether a clue is needed took too long to find out";
            return Err(Rejection::undetermined(NAME, "gave_up", reason));
        }
        // The farthest first reads as a way to the answer, whatever wrote the clues down.
        let distances = draft.plan.distances();
        let far = |clue: &Clue| clue.says.variables().filter_map(|it| distances.get(&it).copied()).max();
        draft.plan.clues.sort_by_key(|clue| Reverse(far(clue)));
        Ok(draft)
    }
}
