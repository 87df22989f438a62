//! The student learns from pairs.

use std::path::Path;

use offseeker_trainer::{Counted, Run, SequencePairs, dpo, rendering};

use super::sft::{Learning, reading};
use crate::config::DpoConfig;
use crate::{Flow, PipelineError, Watch, model};

/// A training by preference.
pub type Preferring = Learning;

/// Teaches a model which side of each pair in a file is better. It goes on after its last checkpoint.
///
/// Where there is no pair nothing is learnt, and no model is made.
///
/// # Errors
///
/// When the pairs or the model cannot be read, the training fails, or the run was stopped.
pub fn prefer(pairs: &Path, learning: &Preferring, config: &DpoConfig, watch: &Watch) -> Result<Flow, PipelineError> {
    if std::fs::metadata(pairs).map_err(PipelineError::io(pairs))?.len() == 0 {
        return Ok(Flow::default());
    }
    let renderer = model::renderer(&learning.model, &learning.protocol)?;
    let data = SequencePairs::read(pairs, &renderer, &reading(config.longest), Counted::Written)?;
    let mut policy = learning.policy()?;
    let settings = config.settings(rendering(&renderer));
    let steps = settings.training.steps((data.all().len() as u64).div_ceil(config.per_step.max(1) as u64));
    let run = Run::new(&learning.to)
        .stopped_by(&watch.stop)
        .checkpoints(config.checkpoint, 2)
        .watched_by(|metrics| watch.step(metrics.step, steps, format!("loss {:.3}", metrics.loss)));
    let outcome = dpo(&mut policy, None, &data, &settings, run)?;
    let Some(saved) = outcome.model else { return Err(watch.stopped()) };
    learning.complete(&policy, &saved)?;
    let flow = Flow::new(data.all().len(), 1).counting("steps", outcome.steps as usize);
    Ok(flow.dropping("too_long_or_the_same", data.tally().left_out))
}
