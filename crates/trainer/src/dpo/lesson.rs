//! Some pairs as a batch, and what is seen of them.

use candle_core::{Device, Tensor};
use offseeker_language_model::Batch;

use super::ROUNDING;
use crate::losses::{PairReward, Paired, PairedLogProbabilities, PreferenceObjective};
use crate::metrics::PreferenceMetrics;
use crate::plan::at_once;
use crate::{Policy, SequencePair, SequencePairs, Sides, TrainError, sequences, tensors};

/// Some pairs as a batch.
pub(super) struct Lesson {
    pub(super) batch: Batch,
    /// For each chosen token what it counts.
    weights: Vec<f32>,
    /// For each chosen token whose side it is of: twice the number of the pair, and one more on the rejected side.
    side_of: Vec<u32>,
    /// What the reference says of each side; nothing where no loss asks for it.
    reference: Vec<Sides>,
    pairs: usize,
}

impl Lesson {
    pub(super) fn of(all: &SequencePairs, places: &[usize], known: &[Sides]) -> Result<Self, TrainError> {
        let pairs: Vec<&SequencePair> = places.iter().map(|at| &all.all()[*at]).collect();
        let reference = if known.is_empty() { Vec::new() } else { places.iter().map(|at| known[*at]).collect() };
        Ok(Self { reference, ..Self::of_pairs(&pairs)? })
    }

    fn of_pairs(pairs: &[&SequencePair]) -> Result<Self, TrainError> {
        let sides = || pairs.iter().flat_map(|pair| [&pair.chosen, &pair.rejected]);
        let (batch, weights) = sequences::batch(sides().flatten())?;
        let mut side_of = Vec::with_capacity(weights.len());
        for (side, sequences) in (0..).zip(sides()) {
            let counted: usize = sequences.iter().map(|sequence| sequence.counted().count()).sum();
            side_of.resize(side_of.len() + counted, side);
        }
        Ok(Self { batch, weights, side_of, reference: Vec::new(), pairs: pairs.len() })
    }

    /// How many pairs there are.
    pub(super) fn pairs(&self) -> usize {
        self.pairs
    }

    /// What the tokens of the chosen sides weigh, over the pairs.
    pub(super) fn chosen_tokens_a_pair(&self) -> f64 {
        let chosen = self.weights.iter().zip(&self.side_of).filter(|(_, side)| side.is_multiple_of(2));
        chosen.map(|(weight, _)| f64::from(*weight)).sum::<f64>() / self.pairs as f64
    }

    /// Puts log-probabilities of the batch together by side.
    pub(super) fn compare(
        &self,
        log_probabilities: &Tensor,
        objective: &PreferenceObjective,
        chosen_tokens_a_pair: f64,
    ) -> Result<PairedLogProbabilities, TrainError> {
        let alpha = objective.length_desensitising;
        let mut compared =
            PairedLogProbabilities::of_tokens(log_probabilities, None, &self.weights, &self.side_of, alpha)?;
        compared.chosen_tokens_a_pair = Some(chosen_tokens_a_pair);
        if !self.reference.is_empty() {
            let side = |of: fn(&Sides) -> f64| {
                Tensor::from_vec(self.reference.iter().map(of).collect::<Vec<f64>>(), self.pairs, &Device::Cpu)
            };
            compared.reference =
                Some(Paired { chosen: side(|sides| sides.chosen)?, rejected: side(|sides| sides.rejected)? });
        }
        Ok(compared)
    }

    /// The sum of the losses of these pairs if the policy said what the reference says: for plain DPO ln 2 each.
    pub(super) fn at_rest(
        &self,
        compared: &PairedLogProbabilities,
        objective: &PreferenceObjective,
    ) -> Result<f64, TrainError> {
        let mut at_rest = compared.clone();
        at_rest.policy = compared.reference.clone().unwrap_or(at_rest.policy);
        tensors::number(&objective.loss(&at_rest)?.sum_all()?)
    }
}

/// The log-probabilities of pairs, group after group, by a policy that learns nothing of them.
pub(super) fn read<'a>(
    policy: &mut dyn Policy,
    groups: &[Vec<usize>],
    pair: impl Fn(usize) -> &'a SequencePair,
) -> Result<Vec<f32>, TrainError> {
    let mut found = Vec::new();
    for group in groups {
        let pairs: Vec<&SequencePair> = group.iter().map(|at| pair(*at)).collect();
        found.extend(policy.log_probabilities(&Lesson::of_pairs(&pairs)?.batch)?);
    }
    Ok(found)
}

/// The same of all of them, so many tokens at once.
pub(super) fn read_all(
    policy: &mut dyn Policy,
    pairs: &[&SequencePair],
    tokens_at_once: usize,
) -> Result<Vec<f32>, TrainError> {
    let places: Vec<usize> = (0..pairs.len()).collect();
    read(policy, &at_once(&places, |at| pairs[at].tokens(), tokens_at_once), |at| pairs[at])
}

/// What a policy that learns nothing says of some pairs.
pub(super) fn sides(
    policy: &mut dyn Policy,
    pairs: &[&SequencePair],
    tokens_at_once: usize,
    objective: &PreferenceObjective,
) -> Result<Vec<Sides>, TrainError> {
    let found = tensors::constant(&read_all(policy, pairs, tokens_at_once)?)?;
    let compared = Lesson::of_pairs(pairs)?.compare(&found, objective, 1.0)?;
    let [chosen, rejected] = [compared.policy.chosen.to_vec1::<f64>()?, compared.policy.rejected.to_vec1::<f64>()?];
    Ok(chosen.into_iter().zip(rejected).map(|(chosen, rejected)| Sides { chosen, rejected }).collect())
}

/// What was seen of the pairs of a step.
#[derive(Default)]
pub(super) struct Seen {
    rewards: Vec<PairReward>,
    /// The loss of a policy that is its own reference, where it was worked out.
    expected: Option<f64>,
}

impl Seen {
    pub(super) fn add(&mut self, rewards: &[PairReward]) {
        self.rewards.extend_from_slice(rewards);
    }

    pub(super) fn expect(&mut self, loss: f64) {
        self.expected = Some(self.expected.unwrap_or(0.0) + loss);
    }

    /// The means.
    pub(super) fn mean(&self) -> Option<PreferenceMetrics> {
        PreferenceMetrics::mean(&self.rewards)
    }

    /// A policy that has not learnt yet says what its reference says: else one of the two was read, rendered or kept wrong.
    pub(super) fn check_own_reference(&self, step: &Lesson, loss: f64, beta: f64) -> Result<(), TrainError> {
        let tokens = step.weights.iter().map(|weight| f64::from(weight.abs())).sum::<f64>();
        let most = beta * ROUNDING * tokens.max(1.0);
        let worst = self.rewards.iter().map(|pair| pair.chosen.abs().max(pair.rejected.abs())).fold(0.0, f64::max);
        let is_off = self.expected.is_some_and(|expected| (loss - expected).abs() > 1e-3);
        if worst <= most && !is_off {
            return Ok(());
        }
        let expected = self.expected.map(|expected| format!(" (a loss of {loss:.6} where {expected:.6} is expected)"));
        Err(TrainError::Settings {
            field: "reference",
            what: format!(
                "at the first step the policy differs from itself as the reference by a reward of {worst:.2e}{}; delete the \
                 folder of the reference to have it worked out again",
                expected.unwrap_or_default()
            ),
        })
    }
}
