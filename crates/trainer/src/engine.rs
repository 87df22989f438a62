//! Qwen3 as a policy: the explicit forward and backward of `language-model`, all weights or an adapter learning.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use offseeker_language_model::{Adapter, Batch, Gradients, Keep, Network, Pass, Place, Precision, Weights};
use serde_json::json;

use crate::memory::{MemoryPlan, MemoryRequest, Trained};
use crate::{About, Moments, Policy, State, TrainError, Update};

/// The most bytes of weights that one file of a saved model has.
const SHARD: u64 = 5 << 30;

/// Qwen3 that learns.
///
/// ```
/// use offseeker_language_model::{Batch, Config, Weights};
/// use offseeker_trainer::{AdamW, Engine, Policy, Update};
///
/// let mut policy = Engine::whole(Weights::from_seed(&Config::small(64, 32, 2, 2), 1)?);
/// let mut batch = Batch::new();
/// batch.push(&[5, 8, 13, 21], &[false, true, true, true])?;
///
/// let before = policy.forward_backward(&batch, &[-1.0 / 3.0; 3])?;
/// policy.step(&Update { step: 1, rate: 0.01, clip: Some(1.0), optimiser: AdamW::default() })?;
/// let after = policy.log_probabilities(&batch)?;
/// assert!(after.iter().sum::<f32>() > before.iter().sum::<f32>());
/// # Ok::<(), offseeker_trainer::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    weights: Arc<Weights>,
    adapter: Option<Adapter>,
    about: About,
    gradients: Gradients,
    moments: Moments,
    learning: Pass,
    reading: Pass,
    precision: Precision,
}

impl Engine {
    /// All weights learn.
    #[must_use]
    pub fn whole(weights: Weights) -> Self {
        let shape = json!({"network": weights.config().to_json(), "learns": "weights"});
        let count = weights.values().len();
        let about = About {
            kind: "qwen3".to_owned(),
            shape,
            parameters: count,
            trained: count,
            origin: hash([weights.values()]),
        };
        let gradients = Gradients::of_weights(&weights);
        Self::new(Arc::new(weights), None, about, gradients)
    }

    /// An adapter learns, and the weights stay as they are.
    ///
    /// # Errors
    ///
    /// When the adapter is one to a network of another shape.
    pub fn adapting(weights: Arc<Weights>, adapter: Adapter) -> Result<Self, TrainError> {
        Network::with_adapter(&weights, &adapter)?;
        let shape = json!({"network": weights.config().to_json(), "learns": adapter.config().to_json()});
        let about = About {
            kind: "qwen3".to_owned(),
            shape,
            parameters: weights.values().len() + adapter.values().len(),
            trained: adapter.values().len(),
            origin: hash([weights.values(), adapter.values()]),
        };
        let gradients = Gradients::of_adapter(&adapter);
        Ok(Self::new(weights, Some(adapter), about, gradients))
    }

    fn new(weights: Arc<Weights>, adapter: Option<Adapter>, about: About, gradients: Gradients) -> Self {
        let undecayed = if adapter.is_some() { Vec::new() } else { norms(&weights) };
        Self {
            moments: Moments::new(gradients.values().len(), undecayed),
            weights,
            adapter,
            about,
            gradients,
            learning: Pass::new(Keep::Everything),
            reading: Pass::new(Keep::Nothing),
            precision: Precision::F32,
        }
    }

    /// Says what a forward pass keeps: with [`Keep::Inputs`] each layer runs again on the way back, which takes a third
    /// more work and little memory.
    #[must_use]
    pub fn keeping(mut self, keep: Keep) -> Self {
        self.learning = Pass::new(keep);
        self
    }

    /// Says how weights are saved.
    #[must_use]
    pub fn saved_as(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// The weights. Where an adapter learns, they are without it.
    #[must_use]
    pub fn weights(&self) -> &Arc<Weights> {
        &self.weights
    }

    /// The adapter, where one learns.
    #[must_use]
    pub fn adapter(&self) -> Option<&Adapter> {
        self.adapter.as_ref()
    }

    /// What was learnt so far, as weights of their own: with the adapter in them.
    ///
    /// # Errors
    ///
    /// Never, as long as the adapter is one to these weights.
    pub fn snapshot(&self) -> Result<Weights, TrainError> {
        let mut weights = (*self.weights).clone();
        if let Some(adapter) = &self.adapter {
            adapter.merge_into(&mut weights)?;
        }
        Ok(weights)
    }

    fn network<'a>(weights: &'a Weights, adapter: Option<&'a Adapter>) -> Result<Network<'a>, TrainError> {
        Ok(match adapter {
            Some(adapter) => Network::with_adapter(weights, adapter)?,
            None => Network::new(weights),
        })
    }

    /// What learns.
    fn values(&self) -> &[f32] {
        self.adapter.as_ref().map_or_else(|| self.weights.values(), Adapter::values)
    }

    fn values_mut(&mut self) -> &mut [f32] {
        match &mut self.adapter {
            Some(adapter) => adapter.values_mut(),
            None => Arc::make_mut(&mut self.weights).values_mut(),
        }
    }
}

impl Policy for Engine {
    fn about(&self) -> &About {
        &self.about
    }

    fn log_probabilities(&mut self, batch: &Batch) -> Result<Vec<f32>, TrainError> {
        Ok(Self::network(&self.weights, self.adapter.as_ref())?.forward(batch, &mut self.reading)?)
    }

    fn forward(&mut self, batch: &Batch) -> Result<Vec<f32>, TrainError> {
        Ok(Self::network(&self.weights, self.adapter.as_ref())?.forward(batch, &mut self.learning)?)
    }

    fn backward(&mut self, upstream: &[f32]) -> Result<(), TrainError> {
        let network = Self::network(&self.weights, self.adapter.as_ref())?;
        Ok(network.backward(&mut self.learning, upstream, &mut self.gradients)?)
    }

    fn forward_backward(&mut self, batch: &Batch, upstream: &[f32]) -> Result<Vec<f32>, TrainError> {
        let network = Self::network(&self.weights, self.adapter.as_ref())?;
        Ok(network.forward_backward(batch, upstream, &mut self.learning, &mut self.gradients)?)
    }

    fn step(&mut self, update: &Update) -> Result<f64, TrainError> {
        // The weights are changed where they lie, unless somebody holds them.
        let values = match &mut self.adapter {
            Some(adapter) => adapter.values_mut(),
            None => Arc::make_mut(&mut self.weights).values_mut(),
        };
        self.moments.step(values, self.gradients.values_mut(), update)
    }

    fn forget(&mut self) {
        self.gradients.clear();
    }

    fn state(&self) -> State<'_> {
        self.moments.state(Cow::Borrowed(self.values()))
    }

    fn restore(&mut self, state: State<'static>) -> Result<(), TrainError> {
        let values = self.moments.restore(state)?;
        self.values_mut().copy_from_slice(&values);
        self.gradients.clear();
        Ok(())
    }

    fn memory(&self, tokens: usize, longest: usize, average: bool) -> Result<Option<MemoryPlan>, TrainError> {
        let trained = match &self.adapter {
            Some(adapter) => Trained::Adapter(adapter.config().clone()),
            None => Trained::Weights,
        };
        let request = MemoryRequest {
            keep: self.learning.keep(),
            longest,
            average,
            ..MemoryRequest::new(self.weights.config().clone(), trained, tokens)
        };
        request.plan().map(Some)
    }

    fn save(&self, folder: &Path) -> Result<(), TrainError> {
        match &self.adapter {
            Some(adapter) => adapter.write(folder, self.weights.config(), self.precision)?,
            None => self.weights.write(folder, self.precision, SHARD)?,
        }
        Ok(())
    }
}

/// Where the normalisations lie.
fn norms(weights: &Weights) -> Vec<Range<usize>> {
    let layout = weights.layout();
    layout.places().filter(|place| Place::is_norm(*place)).map(|place| layout.range(place)).collect()
}

/// The hash of numbers.
fn hash<'a>(all: impl IntoIterator<Item = &'a [f32]>) -> String {
    let mut hasher = blake3::Hasher::new();
    for numbers in all {
        hasher.update(bytemuck::cast_slice(numbers));
    }
    hasher.finalize().to_hex().to_string()
}
