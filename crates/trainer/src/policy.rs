//! The port: a model that learns.

use std::borrow::Cow;
use std::fmt::Debug;
use std::path::Path;

use offseeker_language_model::Batch;
use serde::{Deserialize, Serialize};

use crate::memory::MemoryPlan;
use crate::{AdamW, TrainError};

/// A model that learns: it says how likely chosen tokens are, takes the gradient of any loss with respect to that, and
/// goes a step.
///
/// Gradients add up until a step is gone. What a loss is made of lies outside: see [`losses`](crate::losses).
pub trait Policy: Debug {
    /// What it is, and what it began from.
    fn about(&self) -> &About;

    /// The log-probabilities of the chosen tokens of a batch, where nothing is to be learnt.
    ///
    /// # Errors
    ///
    /// When the batch is none for this model.
    fn log_probabilities(&mut self, batch: &Batch) -> Result<Vec<f32>, TrainError>;

    /// The same, with a way back.
    ///
    /// # Errors
    ///
    /// When the batch is none for this model.
    fn forward(&mut self, batch: &Batch) -> Result<Vec<f32>, TrainError>;

    /// Adds the gradients of a loss to those that are there, from its gradient with respect to each log-probability that
    /// the last [`forward`](Self::forward) gave.
    ///
    /// # Errors
    ///
    /// When nothing went forward before.
    fn backward(&mut self, upstream: &[f32]) -> Result<(), TrainError>;

    /// Both at once, where it is known before what each log-probability counts.
    ///
    /// # Errors
    ///
    /// When the batch is none for this model.
    fn forward_backward(&mut self, batch: &Batch, upstream: &[f32]) -> Result<Vec<f32>, TrainError> {
        let log_probabilities = self.forward(batch)?;
        self.backward(upstream)?;
        Ok(log_probabilities)
    }

    /// Goes a step against the gradients, which are nought afterwards, and gives their norm as it was before the clip.
    ///
    /// # Errors
    ///
    /// When a gradient is no finite number; nothing has changed then.
    fn step(&mut self, update: &Update) -> Result<f64, TrainError>;

    /// Forgets the gradients that are there.
    fn forget(&mut self);

    /// What has to be kept to go on later.
    fn state(&self) -> State<'_>;

    /// Goes on from what was kept.
    ///
    /// # Errors
    ///
    /// When it is that of another model; nothing has changed then.
    fn restore(&mut self, state: State<'static>) -> Result<(), TrainError>;

    /// What training it takes of memory, with so many tokens at once, the longest sequence so long, and a running average or
    /// none; nothing where that is not known.
    ///
    /// # Errors
    ///
    /// When there is no such training.
    fn memory(&self, _tokens: usize, _longest: usize, _average: bool) -> Result<Option<MemoryPlan>, TrainError> {
        Ok(None)
    }

    /// Writes what was learnt into a new folder, for others to use.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or something is there.
    fn save(&self, folder: &Path) -> Result<(), TrainError>;
}

/// What a model is, and what it began from. Work that was begun with one goes on with the same one only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What kind of model it is.
    pub kind: String,
    /// Its shape, and what of it learns.
    pub shape: serde_json::Value,
    /// How many numbers it has.
    pub parameters: usize,
    /// How many of them learn.
    pub trained: usize,
    /// The hash of all of them as they were at the beginning.
    pub origin: String,
}

/// How far a step goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// Which step it is; the first is 1.
    pub step: u64,
    /// The learning rate.
    pub rate: f64,
    /// The norm that the gradients together have at most.
    pub clip: Option<f64>,
    /// The rest of the optimiser's settings.
    pub optimiser: AdamW,
}

/// What has to be kept of a model to go on later: what learns, and the moments of its gradients, each in one piece.
#[derive(Debug, Clone, PartialEq)]
pub struct State<'a> {
    /// The numbers that learn.
    pub values: Cow<'a, [f32]>,
    /// The running mean of the gradients.
    pub first: Cow<'a, [f32]>,
    /// The running mean of their squares.
    pub second: Cow<'a, [f32]>,
}

impl State<'_> {
    /// The three, with the names under which they are kept.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &[f32]); 3] {
        [("values", &self.values), ("first_moment", &self.first), ("second_moment", &self.second)]
    }

    /// Says whether it can be one of so many numbers.
    pub(crate) fn check(&self, count: usize) -> Result<(), TrainError> {
        match self.named().into_iter().find(|(_, numbers)| numbers.len() != count) {
            None => Ok(()),
            Some((name, numbers)) => Err(TrainError::Settings {
                field: "state",
                what: format!("{} {name} for a model in which {count} numbers learn", numbers.len()),
            }),
        }
    }
}
