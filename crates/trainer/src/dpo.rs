//! Preference: the better attempt of each pair becomes likelier, measured from a reference.
//!
//! A side is scored over all that the model wrote after the two parted, turn by turn; what tools answered counts on neither
//! side, unless the pairs were made with [`Counted::Everything`](crate::Counted).
//!
//! Left out, and why: a reference that moves with the policy, because what was kept of it would be worth nothing.

mod held_out;
mod lesson;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::losses::PreferenceObjective;
use crate::run::{Begun, Gone};
use crate::{
    Outcome, Plan, Policy, Reference, ReferenceKey, Run, Sequence, SequencePair, SequencePairs, Sides, TrainError,
    Training, tensors,
};
pub use held_out::HeldOutPairs;
use lesson::{Lesson, Seen};

/// How far a policy that has not learnt yet may be from itself, in a token: what rounding does.
const ROUNDING: f64 = 1e-4;

/// The settings of preference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dpo {
    /// What is made small.
    pub objective: PreferenceObjective,
    /// How long, how fast, in which order.
    pub training: Training,
    /// How dialogues became tokens, by which reference log-probabilities are told apart from those of another tokenizer or
    /// template: see [`rendering`](crate::rendering).
    pub rendering: String,
}

impl Default for Dpo {
    fn default() -> Self {
        Self::offseeker()
    }
}

/// Teaches a policy what is better. The reference is the policy itself as it is at the beginning, or `reference`, and is
/// asked once: what it says is kept in the run's folder.
///
/// # Errors
///
/// When the settings make no sense, the run was begun with others, the policy is not its own reference at the first step, a
/// number is none any more, or the system refuses. What a checkpoint holds stays.
pub fn dpo(
    policy: &mut dyn Policy,
    mut reference: Option<&mut dyn Policy>,
    pairs: &SequencePairs,
    settings: &Dpo,
    run: Run<'_>,
) -> Result<Outcome, TrainError> {
    let (training, objective) = (&settings.training, &settings.objective);
    training.check()?;
    objective.check()?;
    let lengths = pairs.all().iter().map(SequencePair::tokens).collect();
    let mut plan = Plan::new(lengths, &training.batching, training.seed)?;
    let steps = training.steps(plan.steps_per_epoch());
    // Before the policy goes on from a checkpoint: it is still what it was at the beginning.
    let known = if objective.needs_reference() {
        let asked: &mut dyn Policy = reference.as_mut().map_or(&mut *policy, |other| &mut **other);
        match ask(asked, pairs, settings, &run)? {
            Some(known) => known,
            None => return Ok(Outcome::stopped_before_it_began()),
        }
    } else {
        Vec::new()
    };
    let is_its_own = objective.needs_reference() && reference.is_none();
    let about = json!({"dpo": settings, "data": pairs.fingerprint(), "steps": steps, "reference": hash(&known)});
    let sides = pairs.all().iter().flat_map(|pair| pair.chosen.iter().chain(&pair.rejected));
    let longest = sides.map(Sequence::len).max().unwrap_or(0);
    let (tokens, average) = (plan.most_at_once(), training.average);
    let mut run = run.begin(policy, Begun { about: &about, steps, average, tokens, longest })?;

    while let Some(step) = run.next() {
        let passes = plan.step(step);
        let mut gone = Gone { epoch: plan.epochs_after(step), ..Gone::default() };
        let whole = Lesson::of(pairs, &passes.concat(), &known)?;
        let mut seen = Seen::default();
        // Where a pair counts by what the others do, the whole step is looked at before anything is learnt.
        let mut upstream = if objective.mixes_pairs() && passes.len() > 1 {
            Some(look_ahead(policy, pairs, &passes, &whole, objective)?)
        } else {
            None
        };
        for pass in &passes {
            if run.is_stopped() {
                return run.stop(policy);
            }
            let lesson = Lesson::of(pairs, pass, &known)?;
            let log_probabilities = tensors::variable(&policy.forward(&lesson.batch)?)?;
            let compared = lesson.compare(&log_probabilities, objective, whole.chosen_tokens_a_pair())?;
            seen.add(&compared.rewards(objective.beta)?);
            match &mut upstream {
                Some((_, rest)) => {
                    let later = rest.split_off(lesson.batch.choices().len());
                    policy.backward(&std::mem::replace(rest, later))?;
                }
                None => {
                    let loss = (objective.loss(&compared)?.sum_all()? / whole.pairs() as f64)?;
                    gone.loss += tensors::number(&loss)?;
                    if run.is_first() && is_its_own {
                        seen.expect(lesson.at_rest(&compared, objective)? / whole.pairs() as f64);
                    }
                    policy.backward(&tensors::gradient(&loss, &log_probabilities)?)?;
                }
            }
        }
        if let Some((loss, _)) = upstream {
            gone.loss = loss;
        }
        if run.is_first() && is_its_own {
            seen.check_own_reference(&whole, gone.loss, objective.beta)?;
        }
        (gone.tokens, gone.learnt) = (whole.batch.rows(), whole.batch.choices().len());
        gone.preference = seen.mean();
        let update = training.update(step, steps);
        gone.rate = update.rate;
        gone.norm = run.step(policy, &update, gone.loss)?;
        run.went(policy, gone)?;
    }
    run.end(policy)
}

/// What the loss of a whole step is, and its gradient with respect to the log-probabilities of all its passes.
fn look_ahead(
    policy: &mut dyn Policy,
    pairs: &SequencePairs,
    passes: &[Vec<usize>],
    whole: &Lesson,
    objective: &PreferenceObjective,
) -> Result<(f64, Vec<f32>), TrainError> {
    let all = tensors::variable(&lesson::read(policy, passes, |at| &pairs.all()[at])?)?;
    let compared = whole.compare(&all, objective, whole.chosen_tokens_a_pair())?;
    let loss = (objective.loss(&compared)?.sum_all()? / whole.pairs() as f64)?;
    Ok((tensors::number(&loss)?, tensors::gradient(&loss, &all)?))
}

/// What the reference says of all pairs; none where the run is asked to stop before it has said everything.
fn ask(
    reference: &mut dyn Policy,
    pairs: &SequencePairs,
    settings: &Dpo,
    run: &Run<'_>,
) -> Result<Option<Vec<Sides>>, TrainError> {
    let objective = &settings.objective;
    let key = ReferenceKey {
        model: reference.about().clone(),
        rendering: settings.rendering.clone(),
        summed: json!({"length_desensitising": objective.length_desensitising}),
        precision: "f32".to_owned(),
    };
    let mut kept = Reference::open(&run.folder().join("reference"), &key)?;
    let at_once = settings.training.batching.tokens_at_once;
    let mut ask = |some: &[&SequencePair]| lesson::sides(reference, some, at_once, objective);
    let is_whole = kept.complete(pairs, &mut ask, &mut |_| !run.is_stopped())?;
    if is_whole { kept.of(pairs).map(Some) } else { Ok(None) }
}

fn hash(known: &[Sides]) -> Value {
    let numbers: Vec<f64> = known.iter().flat_map(|sides| [sides.chosen, sides.rejected]).collect();
    json!(blake3::hash(bytemuck::cast_slice(&numbers)).to_hex().to_string())
}
