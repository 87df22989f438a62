//! The student learns from samples.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use offseeker_language_model::{Adapter, AdapterConfig, Cutoff, OverLong, Tokenizer, Weights};
use offseeker_trainer::{Engine, Reading, Run, Sequences, sft};

use crate::config::SftConfig;
use crate::{Flow, PipelineError, Watch, model};

/// A training: of whom, in which words, where.
#[derive(Debug, Clone)]
pub struct Learning {
    /// The folder of the model that learns.
    pub model: PathBuf,
    /// The protocol that it speaks.
    pub protocol: String,
    /// The adapter that learns; none where all weights do.
    pub adapter: Option<(AdapterConfig, u64)>,
    /// Where the training is.
    pub to: PathBuf,
}

impl Learning {
    /// What learns.
    pub(super) fn policy(&self) -> Result<Engine, PipelineError> {
        let weights = Weights::read(&self.model)?;
        Ok(match &self.adapter {
            None => Engine::whole(weights),
            Some((config, seed)) => {
                let adapter = Adapter::from_seed(weights.config(), config, *seed)?;
                Engine::adapting(Arc::new(weights), adapter)?
            }
        })
    }

    /// Makes what a training saved a model that can be asked: with its tokenizer, and with the adapter in it.
    pub(super) fn complete(&self, policy: &Engine, saved: &Path) -> Result<(), PipelineError> {
        let tokenizer = Tokenizer::load(&self.model)?;
        if self.adapter.is_some() {
            return model::save(&policy.snapshot()?, &tokenizer, &self.to.join("whole"));
        }
        Ok(tokenizer.save(saved)?)
    }
}

/// How a file of training data is read: what is too long is left out, and counted.
pub(super) fn reading(longest: usize) -> Reading {
    Reading { cutoff: Some(Cutoff { tokens: longest, over_long: OverLong::Drop }), ..Reading::default() }
}

/// Fine-tunes a model on a file of samples, in their order. It goes on after its last checkpoint.
///
/// # Errors
///
/// When the samples or the model cannot be read, the training fails, or the run was stopped.
pub fn learn(samples: &Path, learning: &Learning, config: &SftConfig, watch: &Watch) -> Result<Flow, PipelineError> {
    let renderer = model::renderer(&learning.model, &learning.protocol)?;
    let data = Sequences::read(samples, &renderer, &reading(config.longest))?;
    let mut policy = learning.policy()?;
    let settings = config.settings();
    let steps = settings.training.steps((data.all().len() as u64).div_ceil(config.per_step.max(1) as u64));
    let run = Run::new(&learning.to)
        .stopped_by(&watch.stop)
        .checkpoints(config.checkpoint, 2)
        .watched_by(|metrics| watch.step(metrics.step, steps, format!("loss {:.3}", metrics.loss)));
    let outcome = sft(&mut policy, &data, &settings, run)?;
    let Some(saved) = outcome.model else { return Err(watch.stopped()) };
    learning.complete(&policy, &saved)?;
    let tally = data.tally();
    let flow = Flow::new(data.all().len(), 1).counting("steps", outcome.steps as usize);
    Ok(flow.counting("tokens", tally.tokens).counting("learnt_tokens", tally.learnt))
}
