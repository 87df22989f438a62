//! What the losses of pairs are made of.

use candle_core::{DType, Result, Tensor, bail};

use super::tokens::sums;

/// A number for the chosen and one for the rejected side of each pair.
#[derive(Clone, Debug)]
pub struct Paired {
    /// Of the chosen sides, one a pair.
    pub chosen: Tensor,
    /// Of the rejected sides, one a pair.
    pub rejected: Tensor,
}

impl Paired {
    /// Takes apart what lies chosen, rejected, chosen, rejected, and so on.
    ///
    /// # Errors
    ///
    /// When a side lacks its other.
    pub fn interleaved(sides_s: &Tensor) -> Result<Self> {
        let sides = sides_s.reshape(((), 2))?;
        Ok(Self { chosen: sides.narrow(1, 0, 1)?.flatten_all()?, rejected: sides.narrow(1, 1, 1)?.flatten_all()? })
    }

    /// A function of each side.
    pub(super) fn map(&self, of: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(Self { chosen: of(&self.chosen)?, rejected: of(&self.rejected)? })
    }

    /// A function of each side and of that of another.
    pub(super) fn with(&self, other: &Self, of: impl Fn(&Tensor, &Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(Self { chosen: of(&self.chosen, &other.chosen)?, rejected: of(&self.rejected, &other.rejected)? })
    }

    /// What the chosen side is above the rejected one.
    pub(super) fn difference(&self) -> Result<Tensor> {
        &self.chosen - &self.rejected
    }
}

/// Log-probabilities of the two sides of some pairs, as losses want them. A side is all tokens of the policy's after what
/// the two share; what tools said is none of it.
#[derive(Clone, Debug)]
pub struct PairedLogProbabilities {
    /// Sums over tokens under the policy, with a gradient.
    pub policy: Paired,
    /// The same under the reference; none where no loss asks for it.
    pub reference: Option<Paired>,
    /// How many tokens they are sums of, by their weights.
    pub tokens: Paired,
    /// The policy's sums before [`length_desensitised`] changed weights, which the `sft` term learns from.
    pub plain_policy: Paired,
    /// How many tokens plain sums are of.
    pub plain_tokens: Paired,
    /// The chosen tokens of the global batch over its pairs, which the `sft` term divides by. Without it, those of these
    /// pairs: right where they are the whole batch.
    pub chosen_tokens_a_pair: Option<f64>,
    /// `log π - log π_ref` of answers to other questions, which the `kto` loss measures its distance by. Without it, that
    /// is measured by the pairs themselves.
    pub mismatched: Option<Tensor>,
}

impl PairedLogProbabilities {
    /// Adds up log-probabilities of tokens. The sequences are the chosen side of the first pair, its rejected side, the
    /// chosen side of the second pair, and so on. `alpha` is that of [`length_desensitised`]; 1 changes nothing.
    ///
    /// # Errors
    ///
    /// When lengths differ, when a token belongs to no side, or when a side has no tokens that weigh.
    pub fn of_tokens(
        policy_n: &Tensor,
        reference_n: Option<&Tensor>,
        weights_n: &[f32],
        sequence_of_n: &[u32],
        alpha: f64,
    ) -> Result<Self> {
        let sequences = sequence_of_n.iter().max().map_or(0, |last| *last as usize + 1).next_multiple_of(2);
        let tensor = |weights: &[f32]| Tensor::from_slice(weights, weights.len(), policy_n.device());
        let add = |of: &Tensor, weights: &Tensor| Paired::interleaved(&sums(of, weights, sequence_of_n, sequences)?);
        let plain = tensor(weights_n)?;
        let weights = tensor(&length_desensitised(weights_n, sequence_of_n, alpha))?;
        let ones = plain.ones_like()?;
        let pairs = Self {
            policy: add(policy_n, &weights)?,
            reference: reference_n.map(|of| add(&of.detach(), &weights)).transpose()?,
            tokens: add(&ones, &weights)?,
            plain_policy: add(policy_n, &plain)?,
            plain_tokens: add(&ones, &plain)?,
            chosen_tokens_a_pair: None,
            mismatched: None,
        };
        pairs.check()?;
        Ok(pairs)
    }

    /// How many pairs there are.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.policy.chosen.elem_count()
    }

    /// Says whether each side has tokens.
    pub(super) fn check(&self) -> Result<()> {
        for (side, tokens) in [("chosen", &self.tokens.chosen), ("rejected", &self.tokens.rejected)] {
            let counts = numbers(tokens)?;
            if let Some(pair) = counts.iter().position(|count| count.is_nan() || *count <= 0.0) {
                bail!("pair {pair} of the batch has no token to learn on its {side} side: leave it out");
            }
        }
        Ok(())
    }

    /// `log π - log π_ref` of each side; none where there is no reference.
    pub(super) fn log_ratios(&self) -> Result<Option<Paired>> {
        self.reference.as_ref().map(|reference| self.policy.with(reference, |policy, of| policy - of)).transpose()
    }

    /// The mean log-probability of a token of each side.
    pub(super) fn means(&self) -> Result<Paired> {
        self.policy.with(&self.tokens, |sum, count| sum / count)
    }

    /// How much the policy would have chosen each pair: `exp(mean log π(y_c) + mean log π(y_r))`, unseen by the gradient ([WPO](https://arxiv.org/abs/2406.11827)).
    ///
    /// WPO also divides each probability by the sum of the squares of all at its place, which no policy here keeps: this is
    /// its weight without that.
    pub(super) fn policy_weights(&self) -> Result<Tensor> {
        let means = self.plain_policy.with(&self.plain_tokens, |sum, count| sum / count)?;
        (means.chosen + means.rejected)?.exp().map(|weights| weights.detach())
    }

    /// What each pair is worth to the policy, for metrics: `β (log π - log π_ref)` of each side, or `β` times the mean
    /// log-probability of a token where there is no reference.
    ///
    /// # Errors
    ///
    /// When tensors differ in shape.
    pub fn rewards(&self, beta: f64) -> Result<Vec<PairReward>> {
        let scores = self.log_ratios()?.map_or_else(|| self.means(), Ok)?;
        let [chosen, rejected] = [numbers(&scores.chosen)?, numbers(&scores.rejected)?];
        let [log_chosen, log_rejected] = [numbers(&self.policy.chosen)?, numbers(&self.policy.rejected)?];
        let pair = |pair: usize| PairReward {
            chosen: beta * chosen[pair],
            rejected: beta * rejected[pair],
            chosen_log_probability: log_chosen[pair],
            rejected_log_probability: log_rejected[pair],
        };
        Ok((0..chosen.len()).map(pair).collect())
    }
}

/// What a pair is worth to the policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairReward {
    /// The reward of the chosen side.
    pub chosen: f64,
    /// The reward of the rejected side.
    pub rejected: f64,
    /// The log-probability of the chosen side under the policy.
    pub chosen_log_probability: f64,
    /// The log-probability of the rejected side under the policy.
    pub rejected_log_probability: f64,
}

/// Weights of tokens where those beyond the length that both sides of a pair have count `alpha` times
/// ([LD-DPO](https://arxiv.org/abs/2409.06411)). Tokens of weight 0 are not counted.
///
/// The reference is weighed in the same way, as in TRL, so that a policy that did not learn yet is where it is.
#[must_use]
pub fn length_desensitised(weights_n: &[f32], sequence_of_n: &[u32], alpha: f64) -> Vec<f32> {
    let mut counts: Vec<usize> = Vec::new();
    let mut places = Vec::with_capacity(weights_n.len());
    for (weight, sequence) in weights_n.iter().zip(sequence_of_n) {
        let sequence = *sequence as usize;
        if counts.len() <= sequence {
            counts.resize(sequence + 1, 0);
        }
        places.push(counts[sequence]);
        counts[sequence] += usize::from(*weight != 0.0);
    }
    let shared = |sequence: usize| counts[sequence].min(counts.get(sequence ^ 1).copied().unwrap_or(0));
    let tokens = weights_n.iter().zip(sequence_of_n).zip(places);
    tokens
        .map(|((weight, sequence), place)| {
            let is_beyond = place >= shared(*sequence as usize);
            weight * if is_beyond { alpha as f32 } else { 1.0 }
        })
        .collect()
}

/// The numbers of a tensor.
pub(super) fn numbers(tensor: &Tensor) -> Result<Vec<f64>> {
    tensor.detach().to_dtype(DType::F64)?.to_vec1()
}
