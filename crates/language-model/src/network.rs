//! A Qwen3 network forward and backward, layer by layer, on buffers that are allocated once.
//!
//! There is no graph of operations: the forward pass keeps what the backward pass needs, in a [`Pass`] that is used
//! again, and the backward pass is written out. A loss comes in between as numbers: [`Network::forward`] gives the
//! log-probabilities of chosen tokens, and [`Network::backward`] takes the gradient of any loss with respect to them.

mod batch;
mod cache;
mod gradients;
mod layer;
mod linear;
mod pass;
mod pool;

pub use batch::Batch;
pub use cache::Cache;
pub use gradients::Gradients;
pub(crate) use linear::{Linear, LinearGradient, LowRank};
pub use pass::{Keep, Pass};

use crate::kernels::{self, Head, HeadGradients, Heads, Matrix, MatrixMut, Norm, Threads};
use crate::lora::Adapter;
use crate::weights::{Part, Place, Weights};
use crate::{Config, NetworkError};
use layer::Keys;
use pass::Rows;

/// A network: weights, and an adapter to them or none. Without it the same weights are the reference of what is
/// trained.
///
/// ```
/// use offseeker_language_model::{Batch, Config, Gradients, Keep, Network, Pass, Weights};
///
/// let weights = Weights::from_seed(&Config::small(64, 32, 2, 2), 1)?;
/// let mut batch = Batch::new();
/// batch.push(&[5, 8, 13, 21], &[false, true, true, true])?;
///
/// let network = Network::new(&weights);
/// let (mut pass, mut gradients) = (Pass::new(Keep::Everything), Gradients::of_weights(&weights));
/// let log_probabilities = network.forward(&batch, &mut pass)?;
/// let loss = -log_probabilities.iter().sum::<f32>() / 3.0;
/// network.backward(&mut pass, &[-1.0 / 3.0; 3], &mut gradients)?;
///
/// assert!((loss - 64_f32.ln()).abs() < 0.1, "fresh weights know nothing of 64 tokens");
/// assert!(gradients.values().iter().any(|gradient| *gradient != 0.0));
/// # Ok::<(), offseeker_language_model::NetworkError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Network<'a> {
    weights: &'a Weights,
    adapter: Option<&'a Adapter>,
}

impl<'a> Network<'a> {
    /// The network of these weights.
    #[must_use]
    pub fn new(weights: &'a Weights) -> Self {
        Self { weights, adapter: None }
    }

    /// The network of these weights with an adapter.
    ///
    /// # Errors
    ///
    /// When the adapter is one to a network of another shape.
    pub fn with_adapter(weights: &'a Weights, adapter: &'a Adapter) -> Result<Self, NetworkError> {
        adapter.check_fits(weights.config())?;
        Ok(Self { weights, adapter: Some(adapter) })
    }

    /// The shape of the network.
    #[must_use]
    pub fn config(&self) -> &'a Config {
        self.weights.config()
    }

    /// The log-probabilities of the chosen tokens of a batch, in their order.
    ///
    /// # Errors
    ///
    /// When a token is none of the network's.
    pub fn forward(&self, batch: &Batch, pass: &mut Pass) -> Result<Vec<f32>, NetworkError> {
        pool::inside(|| {
            self.hidden(batch, pass)?;
            let mut out = vec![0.0; batch.choices().len()];
            pass.log_sums.resize(out.len(), 0.0);
            let Pass { hidden, log_sums, head, .. } = pass;
            kernels::log_probabilities(&mut out, log_sums, hidden, self.head(), batch.choices(), head);
            Ok(out)
        })
    }

    /// Adds the gradients of a loss to those that are there. `upstream` is the gradient of the loss with respect to
    /// each log-probability that the last [`forward`](Self::forward) gave. Each forward pass goes back once.
    ///
    /// # Errors
    ///
    /// When the pass kept nothing or went back already, or when the gradients are those of another network.
    pub fn backward(&self, pass: &mut Pass, upstream: &[f32], gradients: &mut Gradients) -> Result<(), NetworkError> {
        let batch = pass.take_batch(self.config())?;
        if upstream.len() != batch.choices().len() || pass.log_sums.len() != upstream.len() {
            let what = format!("{} gradients for {} log-probabilities", upstream.len(), batch.choices().len());
            return Err(NetworkError::Misfit(what));
        }
        gradients.check_fits(self)?;
        let mut d_hidden = pass.take_d_hidden(batch.rows() * self.config().hidden_size);
        let into = HeadGradients { hidden: &mut d_hidden, weight: gradients.weight(Place::Head) };
        let Pass { hidden, log_sums, head, .. } = &mut *pass;
        let given = (upstream, &log_sums[..]);
        pool::inside(|| kernels::log_probabilities_backward(into, given, hidden, self.head(), batch.choices(), head));
        self.backward_from_hidden(&batch, pass, &d_hidden, gradients);
        pass.keep_d_hidden(d_hidden);
        Ok(())
    }

    /// Both passes at once, where it is known before what each log-probability counts, as in fine-tuning on given text:
    /// the head then works its logits out once and not twice.
    ///
    /// # Errors
    ///
    /// When a token is none of the network's, when the pass keeps nothing, or when the gradients are those of another
    /// network.
    pub fn forward_backward(
        &self,
        batch: &Batch,
        upstream: &[f32],
        pass: &mut Pass,
        gradients: &mut Gradients,
    ) -> Result<Vec<f32>, NetworkError> {
        let choices = batch.choices();
        if upstream.len() != choices.len() {
            let what = format!("{} gradients for {} log-probabilities", upstream.len(), choices.len());
            return Err(NetworkError::Misfit(what));
        }
        gradients.check_fits(self)?;
        self.hidden(batch, pass)?;
        let batch = pass.take_batch(self.config())?;
        let mut d_hidden = pass.take_d_hidden(batch.rows() * self.config().hidden_size);
        let mut out = vec![0.0; choices.len()];
        let into = HeadGradients { hidden: &mut d_hidden, weight: gradients.weight(Place::Head) };
        let Pass { hidden, head, .. } = &mut *pass;
        pool::inside(|| {
            kernels::log_probabilities_and_gradients(&mut out, into, upstream, hidden, self.head(), choices, head);
        });
        self.backward_from_hidden(&batch, pass, &d_hidden, gradients);
        pass.keep_d_hidden(d_hidden);
        Ok(out)
    }

    /// What the head reads, row by row: for heads of one's own.
    ///
    /// # Errors
    ///
    /// When a token is none of the network's.
    pub fn hidden<'p>(&self, batch: &Batch, pass: &'p mut Pass) -> Result<&'p [f32], NetworkError> {
        batch.check_tokens(self.config().vocab_size)?;
        pool::inside(|| {
            pass.begin(self.config(), batch);
            self.embed(batch.tokens(), &mut pass.stream);
            for layer in 0..self.config().num_hidden_layers {
                let (saved, work, stream, rotary) = pass.layer(layer);
                let rows = Rows { spans: batch.spans(), positions: batch.positions(), rotary };
                saved.input.clone_from(stream);
                self.forward_layer(layer, saved, work, rows, Keys::Own, Some(stream));
                pass.put_back(layer);
            }
            self.finish(pass);
        });
        Ok(&pass.hidden)
    }

    /// The backward pass from gradients with respect to what [`hidden`](Self::hidden) gave.
    ///
    /// # Errors
    ///
    /// When the pass kept nothing or went back already, or when the gradients are those of another network.
    pub fn hidden_backward(
        &self,
        pass: &mut Pass,
        d_hidden: &[f32],
        gradients: &mut Gradients,
    ) -> Result<(), NetworkError> {
        let batch = pass.take_batch(self.config())?;
        if d_hidden.len() != pass.hidden.len() {
            let what = format!("{} gradients for {} hidden numbers", d_hidden.len(), pass.hidden.len());
            return Err(NetworkError::Misfit(what));
        }
        gradients.check_fits(self)?;
        self.backward_from_hidden(&batch, pass, d_hidden, gradients);
        Ok(())
    }

    fn backward_from_hidden(&self, batch: &Batch, pass: &mut Pass, d_hidden: &[f32], gradients: &mut Gradients) {
        let width = self.config().hidden_size;
        pass.work.d_stream.clear();
        pass.work.d_stream.resize(d_hidden.len(), 0.0);
        let norm = self.norm(Place::FinalNorm);
        let d_weight = gradients.weight(Place::FinalNorm);
        kernels::rms_norm_backward(&mut pass.work.d_stream, d_weight, d_hidden, &pass.stream, norm);
        pool::inside(|| {
            for layer in (0..self.config().num_hidden_layers).rev() {
                let again = pass.keep() == Keep::Inputs;
                let (saved, work, _, rotary) = pass.layer(layer);
                let rows = Rows { spans: batch.spans(), positions: batch.positions(), rotary };
                if again {
                    self.forward_layer(layer, saved, work, rows, Keys::Own, None);
                }
                self.backward_layer(layer, saved, work, rows, gradients);
                pass.put_back(layer);
            }
        });
        if let Some(table) = gradients.weight(Place::Embedding) {
            kernels::scatter_add(table, &pass.work.d_stream, batch.tokens(), width);
        }
    }

    /// The logits of hidden rows that lie one after the other.
    #[must_use]
    pub fn logits(&self, hidden: &[f32]) -> Vec<f32> {
        let Head { weight, width, tokens } = self.head();
        let rows = hidden.len() / width;
        let mut logits = vec![0.0; rows * tokens];
        let head = Matrix::new(weight, tokens, width).transposed();
        let out = MatrixMut::new(&mut logits, rows, tokens);
        kernels::product(out, Matrix::new(hidden, rows, width), head, 1.0, Threads::All);
        logits
    }

    fn embed(&self, tokens: &[u32], stream: &mut Vec<f32>) {
        let width = self.config().hidden_size;
        stream.resize(tokens.len() * width, 0.0);
        kernels::gather(stream, self.weights.tensor(Place::Embedding), tokens, width);
    }

    /// The normalisation before the head.
    fn finish(&self, pass: &mut Pass) {
        pass.hidden.resize(pass.stream.len(), 0.0);
        kernels::rms_norm(&mut pass.hidden, &pass.stream, self.norm(Place::FinalNorm));
    }

    fn head(&self) -> Head<'a> {
        let Config { hidden_size, vocab_size, .. } = *self.config();
        Head { weight: self.weights.tensor(Place::Head), width: hidden_size, tokens: vocab_size }
    }

    fn norm(&self, place: Place) -> Norm<'a> {
        Norm { weight: self.weights.tensor(place), epsilon: self.config().rms_norm_eps as f32 }
    }

    fn linear(&self, layer: usize, part: Part) -> Linear<'a> {
        let [outputs, inputs] = part.shape(self.config());
        let weight = self.weights.tensor(Place::Layer(layer, part));
        let adapter = self.adapter.and_then(|adapter| adapter.low_rank(layer, part));
        Linear { weight, outputs, inputs, adapter }
    }

    fn heads(&self) -> Heads {
        let config = self.config();
        Heads { query: config.num_attention_heads, key_value: config.num_key_value_heads, dim: config.head_dim }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
