//! Fine-tuning: what counts in a sequence becomes likelier.
//!
//! Left out, and why: dropout, because the published models have none; label smoothing, because it teaches every wrong token
//! a little.

use offseeker_language_model::Batch;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::losses;
use crate::run::{Begun, Gone};
use crate::{Outcome, Plan, Policy, Run, Sequence, Sequences, TrainError, Training, sequences, tensors};

/// The settings of fine-tuning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sft {
    /// What is made small.
    pub loss: TokenLoss,
    /// How long, how fast, in which order.
    pub training: Training,
}

impl Default for Sft {
    fn default() -> Self {
        Self::offseeker()
    }
}

/// What fine-tuning makes small.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLoss {
    /// How unlikely each token is ([`losses::token_nll`]).
    #[default]
    Nll,
    /// The same, times how likely it is, so that what the model finds absurd pulls less ([`losses::dft`]).
    Dft,
}

/// Fine-tunes a policy on sequences.
///
/// Every step takes what its sequences weigh together for its measure, not the mean of means, so that it is the same however
/// many of them go through the network at once.
///
/// # Errors
///
/// When the settings make no sense, the run was begun with others, a number is none any more, or the system refuses. What a
/// checkpoint holds stays.
pub fn sft(policy: &mut dyn Policy, data: &Sequences, settings: &Sft, run: Run<'_>) -> Result<Outcome, TrainError> {
    let training = &settings.training;
    training.check()?;
    let lengths = data.all().iter().map(Sequence::len).collect();
    let mut plan = Plan::new(lengths, &training.batching, training.seed)?;
    let steps = training.steps(plan.steps_per_epoch());
    let about = json!({"sft": settings, "data": data.fingerprint(), "steps": steps});
    let longest = data.all().iter().map(Sequence::len).max().unwrap_or(0);
    let (tokens, average) = (plan.most_at_once(), training.average);
    let mut run = run.begin(policy, Begun { about: &about, steps, average, tokens, longest })?;

    while let Some(step) = run.next() {
        let passes = plan.step(step);
        let mut gone = Gone { epoch: plan.epochs_after(step), ..Gone::default() };
        let counts: f64 = passes.concat().iter().flat_map(|at| data.all()[*at].counted()).map(f64::from).sum();
        for pass in &passes {
            if run.is_stopped() {
                return run.stop(policy);
            }
            let (batch, weights) = sequences::batch(pass.iter().map(|at| &data.all()[*at]))?;
            gone.loss += settings.loss.forward_backward(policy, &batch, &weights, counts)?;
            gone.tokens += batch.rows();
            gone.learnt += weights.len();
        }
        let update = training.update(step, steps);
        gone.rate = update.rate;
        gone.norm = run.step(policy, &update, gone.loss)?;
        run.went(policy, gone)?;
    }
    run.end(policy)
}

impl TokenLoss {
    /// Adds the gradients of what a batch adds to the loss, and gives that. `counts` is what the whole step weighs.
    fn forward_backward(
        self,
        policy: &mut dyn Policy,
        batch: &Batch,
        weights: &[f32],
        counts: f64,
    ) -> Result<f64, TrainError> {
        match self {
            // Its gradient is known before the log-probabilities are, so that both ways are one.
            Self::Nll => {
                let upstream: Vec<f32> = weights.iter().map(|weight| (-f64::from(*weight) / counts) as f32).collect();
                let log_probabilities = policy.forward_backward(batch, &upstream)?;
                Ok(log_probabilities.iter().zip(upstream).map(|(log, up)| f64::from(*log) * f64::from(up)).sum())
            }
            Self::Dft => {
                let log_probabilities = tensors::variable(&policy.forward(batch)?)?;
                let weights = tensors::constant(weights)?;
                let loss = losses::dft(&log_probabilities, &weights, counts)?;
                policy.backward(&tensors::gradient(&loss, &log_probabilities)?)?;
                tensors::number(&loss)
            }
        }
    }
}

/// How unlikely held-out sequences are to a policy: the weighted mean over their tokens.
///
/// # Errors
///
/// When a sequence is none for this policy.
pub fn held_out_loss(policy: &mut dyn Policy, held_out: &Sequences, tokens_at_once: usize) -> Result<f64, TrainError> {
    let batching = crate::Batching {
        per_step: crate::PerStep::Sequences(held_out.all().len().max(1)),
        order: crate::Order::AsGiven,
        tokens_at_once,
    };
    let lengths = held_out.all().iter().map(Sequence::len).collect();
    let (mut sum, mut counts) = (0.0, 0.0);
    for pass in Plan::new(lengths, &batching, 0)?.step(0) {
        let (batch, weights) = sequences::batch(pass.iter().map(|at| &held_out.all()[*at]))?;
        for (log, weight) in policy.log_probabilities(&batch)?.iter().zip(weights) {
            sum -= f64::from(*log) * f64::from(weight);
            counts += f64::from(weight);
        }
    }
    Ok(sum / counts)
}
