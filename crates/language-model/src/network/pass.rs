//! The buffers of a pass.

use super::Batch;
use crate::kernels::{HeadScratch, Rotary, Span};
use crate::{Config, NetworkError};

/// What a forward pass keeps for the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing: there is no way back.
    Nothing,
    /// What each layer was given. Each runs again on the way back: a third more work, and little memory.
    Inputs,
    /// Everything.
    Everything,
}

/// The buffers of a pass, allocated by the first and used again by the next.
#[derive(Clone, Debug)]
pub struct Pass {
    keep: Keep,
    /// For which network the angles are.
    config: Option<Config>,
    rotary: Option<Rotary>,
    layers: Vec<Saved>,
    /// What is kept of no layer for itself.
    shared: Saved,
    pub(super) work: Work,
    pub(super) stream: Vec<f32>,
    pub(super) hidden: Vec<f32>,
    pub(super) log_sums: Vec<f32>,
    pub(super) head: HeadScratch,
    d_hidden: Vec<f32>,
    /// What went forward and did not go back yet.
    batch: Option<Batch>,
    /// Buffers of passes that ran beside this one.
    beside: Vec<Self>,
}

/// What the backward pass of a layer needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Saved {
    pub(super) input: Vec<f32>,
    pub(super) query: Vec<f32>,
    pub(super) key: Vec<f32>,
    pub(super) value: Vec<f32>,
    pub(super) attended: Vec<f32>,
    pub(super) log_sums: Vec<f32>,
    /// The stream between attention and the feed-forward part.
    pub(super) middle: Vec<f32>,
    pub(super) gate: Vec<f32>,
    pub(super) up: Vec<f32>,
}

/// What a layer needs while it runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    pub(super) normed: Vec<f32>,
    pub(super) turned_query: Vec<f32>,
    pub(super) turned_key: Vec<f32>,
    pub(super) gated: Vec<f32>,
    pub(super) narrow: Vec<f32>,
    pub(super) d_stream: Vec<f32>,
    pub(super) d_normed: Vec<f32>,
    pub(super) d_gated: Vec<f32>,
    pub(super) d_attended: Vec<f32>,
    pub(super) d_turned_query: Vec<f32>,
    pub(super) d_turned_key: Vec<f32>,
    pub(super) d_key: Vec<f32>,
    pub(super) d_value: Vec<f32>,
    pub(super) by_head: Vec<f32>,
}

/// Where the rows of a pass belong.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) spans: &'a [Span],
    pub(super) positions: &'a [u32],
    pub(super) rotary: &'a Rotary,
}

impl Pass {
    /// No buffers yet.
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        Self {
            keep,
            config: None,
            rotary: None,
            layers: Vec::new(),
            shared: Saved::default(),
            work: Work::default(),
            stream: Vec::new(),
            hidden: Vec::new(),
            log_sums: Vec::new(),
            head: HeadScratch::default(),
            d_hidden: Vec::new(),
            batch: None,
            beside: Vec::new(),
        }
    }

    /// What is kept.
    #[must_use]
    pub fn keep(&self) -> Keep {
        self.keep
    }

    /// Gets ready for a batch.
    pub(super) fn begin(&mut self, config: &Config, batch: &Batch) {
        self.reach(config, batch.longest());
        let layers = if self.keep == Keep::Nothing { 0 } else { config.num_hidden_layers };
        self.layers.resize_with(layers, Saved::default);
        self.log_sums.clear();
        self.batch = (self.keep != Keep::Nothing).then(|| batch.clone());
    }

    /// Makes sure that there are angles for so many positions.
    pub(super) fn reach(&mut self, config: &Config, positions: usize) {
        if self.config.as_ref() != Some(config) {
            self.config = Some(config.clone());
            self.rotary = None;
        }
        self.rotary.get_or_insert_with(|| Rotary::new(config)).reach(positions);
    }

    /// The buffers of a layer, the common ones, the stream and the angles.
    pub(super) fn layer(&mut self, layer: usize) -> (&mut Saved, &mut Work, &mut Vec<f32>, &Rotary) {
        if self.keep == Keep::Inputs {
            std::mem::swap(&mut self.shared.input, &mut self.layers[layer].input);
        }
        let saved = if self.keep == Keep::Everything { &mut self.layers[layer] } else { &mut self.shared };
        let rotary = self.rotary.as_ref().expect("a pass has begun");
        (saved, &mut self.work, &mut self.stream, rotary)
    }

    /// The same for a pass that keeps nothing, whatever else is kept.
    pub(super) fn shared(&mut self) -> (&mut Saved, &mut Work, &mut Vec<f32>, &Rotary) {
        let rotary = self.rotary.as_ref().expect("a pass has begun");
        (&mut self.shared, &mut self.work, &mut self.stream, rotary)
    }

    /// Forgets what went forward: its buffers are used for something else.
    pub(super) fn forget(&mut self) {
        self.batch = None;
    }

    /// Ends what [`layer`](Self::layer) began.
    pub(super) fn put_back(&mut self, layer: usize) {
        if self.keep == Keep::Inputs {
            std::mem::swap(&mut self.shared.input, &mut self.layers[layer].input);
        }
    }

    /// The batch that goes back.
    pub(super) fn take_batch(&mut self, config: &Config) -> Result<Batch, NetworkError> {
        let what = "no forward pass of this network to go back from: it kept nothing, or went back already";
        let batch = self.batch.take().filter(|_| self.config.as_ref() == Some(config));
        batch.ok_or_else(|| NetworkError::Misfit(what.to_owned()))
    }

    pub(super) fn take_d_hidden(&mut self, length: usize) -> Vec<f32> {
        let mut buffer = std::mem::take(&mut self.d_hidden);
        buffer.clear();
        buffer.resize(length, 0.0);
        buffer
    }

    pub(super) fn keep_d_hidden(&mut self, buffer: Vec<f32>) {
        self.d_hidden = buffer;
    }

    /// A pass that keeps nothing, to run beside this one.
    pub(super) fn take_beside(&mut self) -> Self {
        self.beside.pop().unwrap_or_else(|| Self::new(Keep::Nothing))
    }

    pub(super) fn keep_beside(&mut self, pass: Self) {
        self.beside.push(pass);
    }
}
