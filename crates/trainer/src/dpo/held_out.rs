//! Pairs that are not learnt from.

use std::collections::BTreeMap;

use super::lesson::{Lesson, Seen, read_all, sides};
use crate::losses::PreferenceObjective;
use crate::{Policy, SequencePair, SequencePairs, Sides, TrainError, tensors};

/// Pairs that are not learnt from, with what the reference says of them.
#[derive(Debug, Clone)]
pub struct HeldOutPairs {
    pairs: SequencePairs,
    reference: Vec<Sides>,
    objective: PreferenceObjective,
    tokens_at_once: usize,
}

impl HeldOutPairs {
    /// Asks the reference, which is a policy that has not learnt from pairs yet.
    ///
    /// # Errors
    ///
    /// When a sequence is none for it, or the objective makes no sense.
    pub fn new(
        reference: &mut dyn Policy,
        pairs: SequencePairs,
        objective: &PreferenceObjective,
        tokens_at_once: usize,
    ) -> Result<Self, TrainError> {
        objective.check()?;
        let all: Vec<&SequencePair> = pairs.all().iter().collect();
        let known =
            if objective.needs_reference() { sides(reference, &all, tokens_at_once, objective)? } else { Vec::new() };
        Ok(Self { pairs, reference: known, objective: objective.clone(), tokens_at_once })
    }

    /// The loss of a policy on the pairs, and the share of which it rewards the better side more, as `held_out_loss` and
    /// `held_out_accuracy`.
    ///
    /// # Errors
    ///
    /// When a sequence is none for this policy.
    pub fn look(&self, policy: &mut dyn Policy) -> Result<BTreeMap<String, f64>, TrainError> {
        let places: Vec<usize> = (0..self.pairs.all().len()).collect();
        let whole = Lesson::of(&self.pairs, &places, &self.reference)?;
        let found = read_all(policy, &self.pairs.all().iter().collect::<Vec<_>>(), self.tokens_at_once)?;
        let compared = whole.compare(&tensors::constant(&found)?, &self.objective, whole.chosen_tokens_a_pair())?;
        let loss = tensors::number(&self.objective.loss(&compared)?.mean_all()?)?;
        let mut seen = Seen::default();
        seen.add(&compared.rewards(self.objective.beta)?);
        let accuracy = seen.mean().map_or(f64::NAN, |mean| mean.accuracy);
        Ok([("held_out_loss".to_owned(), loss), ("held_out_accuracy".to_owned(), accuracy)].into())
    }
}
