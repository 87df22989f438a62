//! What becomes of a question when a clue is left out.

use crate::{Ablation, Ground, Plan};

/// So many answers are told apart when a clue is left out.
const TOLD_APART: usize = 16;

/// The plan without one of its clues.
pub(crate) fn without(plan: &Plan, at: usize) -> Plan {
    let mut fewer = plan.clone();
    fewer.clues.remove(at);
    fewer
}

/// Which clues of a plan are needed: those without which its answer is not the only one. None where that could not be
/// found out for each.
pub fn ablate(ground: &Ground, plan: &Plan) -> Option<Ablation> {
    let mut ablation = Ablation::default();
    for at in 0..plan.clues.len() {
        let is_spare = ground.solve(&without(plan, at), 1).is_only(&plan.answer.text)?;
        if is_spare { &mut ablation.spare } else { &mut ablation.necessary }.push(at);
    }
    Some(ablation)
}

/// How many wrong answers there are where one clue is left out: what a reader who overlooks a clue falls for. At most 16
/// are counted for each clue.
#[must_use]
pub fn near_misses(ground: &Ground, plan: &Plan) -> usize {
    let wrong = |at| {
        let solutions = ground.solve(&without(plan, at), TOLD_APART);
        solutions.answers.iter().filter(|found| found.answer != plan.answer.text).count().min(TOLD_APART)
    };
    (0..plan.clues.len()).map(wrong).sum()
}
