//! Any candle model of one's own as a policy, through candle's gradients.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Range;
use std::path::Path;

use candle_core::{D, Device, Tensor, Var};
use offseeker_language_model::Batch;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use crate::{About, Moments, Policy, State, TrainError, Update};

/// The file in which a model is saved.
const FILE: &str = "model.safetensors";

/// A model in candle.
///
/// Only operations that candle has gradients for may stand between the parameters and what it gives: not `softmax_last_dim`,
/// `rms_norm`, `rope`, `sdpa` or a module that calls these. A parameter that gets no gradient is an error of the first
/// backward pass, with its name.
pub trait CandleModel: Debug {
    /// The log-probabilities of the chosen tokens of a batch, in their order; none of its sequences sees another.
    /// [`Padded`] helps.
    ///
    /// # Errors
    ///
    /// What candle says.
    fn log_probabilities(&self, batch: &Batch) -> candle_core::Result<Tensor>;

    /// What learns, by name, in the same order every time, in `f32`.
    fn parameters(&self) -> Vec<(String, Var)>;
}

/// A candle model that learns.
#[derive(Debug)]
pub struct CandlePolicy<M> {
    model: M,
    parameters: Vec<Parameter>,
    about: About,
    values: Vec<f32>,
    gradients: Vec<f32>,
    moments: Moments,
    forward: Option<Tensor>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    var: Var,
    range: Range<usize>,
}

impl<M: CandleModel> CandlePolicy<M> {
    /// Lets a model learn. What has `norm` or `bias` in its name does not decay.
    ///
    /// # Errors
    ///
    /// When it has no parameters, two of one name, or one that is not `f32`.
    pub fn new(model: M, kind: &str) -> Result<Self, TrainError> {
        let (mut parameters, mut values, mut shapes) = (Vec::<Parameter>::new(), Vec::new(), BTreeMap::new());
        for (name, var) in model.parameters() {
            let numbers = var.flatten_all()?.to_vec1::<f32>()?;
            let range = values.len()..values.len() + numbers.len();
            values.extend(numbers);
            if shapes.insert(name.clone(), var.dims().to_vec()).is_some() {
                return wrong(format!("two are called `{name}`"));
            }
            parameters.push(Parameter { name, var, range });
        }
        if values.is_empty() {
            return wrong("there are none; nothing can learn".to_owned());
        }
        let undecayed = parameters.iter().filter(|it| it.name.contains("norm") || it.name.contains("bias"));
        let moments = Moments::new(values.len(), undecayed.map(|it| it.range.clone()).collect());
        let about = About {
            kind: kind.to_owned(),
            shape: json!(shapes),
            parameters: values.len(),
            trained: values.len(),
            origin: blake3::hash(bytemuck::cast_slice(&values)).to_hex().to_string(),
        };
        let gradients = vec![0.0; values.len()];
        Ok(Self { model, parameters, about, values, gradients, moments, forward: None })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Puts the values into the model's variables.
    fn put(&self) -> Result<(), TrainError> {
        for Parameter { var, range, .. } in &self.parameters {
            var.set(&Tensor::from_slice(&self.values[range.clone()], var.dims(), var.device())?)?;
        }
        Ok(())
    }
}

fn wrong<T>(what: String) -> Result<T, TrainError> {
    Err(TrainError::Settings { field: "parameters", what })
}

impl<M: CandleModel> Policy for CandlePolicy<M> {
    fn about(&self) -> &About {
        &self.about
    }

    fn log_probabilities(&mut self, batch: &Batch) -> Result<Vec<f32>, TrainError> {
        Ok(self.model.log_probabilities(batch)?.to_vec1()?)
    }

    fn forward(&mut self, batch: &Batch) -> Result<Vec<f32>, TrainError> {
        let log_probabilities = self.model.log_probabilities(batch)?;
        if log_probabilities.dims() != [batch.choices().len()] {
            return Err(TrainError::Settings {
                field: "log_probabilities",
                what: format!("of shape {:?} for {} chosen tokens", log_probabilities.dims(), batch.choices().len()),
            });
        }
        let numbers = log_probabilities.to_vec1()?;
        self.forward = Some(log_probabilities);
        Ok(numbers)
    }

    fn backward(&mut self, upstream: &[f32]) -> Result<(), TrainError> {
        let Some(forward) = self.forward.take() else {
            return Err(TrainError::Settings { field: "backward", what: "nothing went forward before".to_owned() });
        };
        let upstream = Tensor::from_slice(upstream, forward.dims(), forward.device())?;
        let found = (forward * upstream)?.sum_all()?.backward()?;
        let mut all = Vec::with_capacity(self.parameters.len());
        for Parameter { name, var, .. } in &self.parameters {
            match found.get(var) {
                Some(gradient) => all.push(gradient.flatten_all()?.to_vec1::<f32>()?),
                None => {
                    return wrong(format!(
                        "`{name}` gets no gradient; an operation behind it has none in candle, or it is not used: leave it out then"
                    ));
                }
            }
        }
        for (Parameter { range, .. }, new) in self.parameters.iter().zip(all) {
            for (sum, new) in self.gradients[range.clone()].iter_mut().zip(new) {
                *sum += new;
            }
        }
        Ok(())
    }

    fn step(&mut self, update: &Update) -> Result<f64, TrainError> {
        let norm = self.moments.step(&mut self.values, &mut self.gradients, update)?;
        self.put()?;
        Ok(norm)
    }

    fn forget(&mut self) {
        self.gradients.fill(0.0);
        self.forward = None;
    }

    fn state(&self) -> State<'_> {
        self.moments.state(Cow::Borrowed(&self.values))
    }

    fn restore(&mut self, state: State<'static>) -> Result<(), TrainError> {
        self.values = self.moments.restore(state)?;
        self.forget();
        self.put()
    }

    fn save(&self, folder: &Path) -> Result<(), TrainError> {
        std::fs::create_dir_all(folder).map_err(TrainError::io(folder))?;
        let file = folder.join(FILE);
        if file.exists() {
            let source = std::io::ErrorKind::AlreadyExists.into();
            return Err(TrainError::Io { file, source });
        }
        let mut views = Vec::with_capacity(self.parameters.len());
        for Parameter { name, var, range } in &self.parameters {
            let bytes = bytemuck::cast_slice(&self.values[range.clone()]);
            let view = TensorView::new(Dtype::F32, var.dims().to_vec(), bytes);
            views.push((name, view.expect("a parameter has as many numbers as its shape says")));
        }
        let bytes = safetensors::serialize(views, None);
        let bytes =
            bytes.map_err(|error| TrainError::Io { file: file.clone(), source: std::io::Error::other(error) })?;
        offseeker_durable::write(&file, &bytes).map_err(TrainError::io(&file))
    }
}

/// A batch with a row a sequence, filled up at the end: what most candle models read.
#[derive(Debug)]
pub struct Padded {
    /// The tokens, `[sequences, longest]`; 0 where a sequence is over.
    pub tokens_bt: Tensor,
    /// For each chosen token, in its order, the place that it is predicted from, among all `sequences * longest`.
    places_n: Tensor,
    /// The chosen tokens.
    chosen_n: Tensor,
}

impl Padded {
    /// Lays the sequences of a batch out.
    ///
    /// # Errors
    ///
    /// What candle says.
    pub fn of(batch: &Batch, device: &Device) -> candle_core::Result<Self> {
        let spans = batch.spans();
        let longest = spans.iter().map(|span| span.queries).max().unwrap_or(0);
        let mut tokens = vec![0_u32; spans.len() * longest];
        // Where each packed row stands now.
        let mut places = vec![0_u32; batch.rows()];
        for (number, span) in spans.iter().enumerate() {
            let start = number * longest;
            let rows = span.query..span.query + span.queries;
            tokens[start..start + span.queries].copy_from_slice(&batch.tokens()[rows.clone()]);
            for (place, row) in (start..).zip(rows) {
                places[row] = u32::try_from(place).map_err(candle_core::Error::wrap)?;
            }
        }
        let from: Vec<u32> = batch.choices().iter().map(|choice| places[choice.row]).collect();
        let chosen: Vec<u32> = batch.choices().iter().map(|choice| choice.token).collect();
        let count = chosen.len();
        Ok(Self {
            tokens_bt: Tensor::from_vec(tokens, (spans.len(), longest), device)?,
            places_n: Tensor::from_vec(from, count, device)?,
            chosen_n: Tensor::from_vec(chosen, count, device)?,
        })
    }

    /// The log-probabilities of the chosen tokens, from hidden rows `[sequences, longest, width]` and the head
    /// `[vocabulary, width]`: logits are made only where a token is chosen.
    ///
    /// # Errors
    ///
    /// What candle says.
    pub fn log_probabilities(&self, hidden_btd: &Tensor, head_vd: &Tensor) -> candle_core::Result<Tensor> {
        let hidden_nd = hidden_btd.flatten(0, 1)?.index_select(&self.places_n, 0)?;
        let logits_nv = hidden_nd.matmul(&head_vd.t()?)?;
        let log_sum_n = logits_nv.log_sum_exp(D::Minus1)?;
        let logit_n = logits_nv.gather(&self.chosen_n.unsqueeze(1)?, 1)?.squeeze(1)?;
        logit_n - log_sum_n
    }
}
