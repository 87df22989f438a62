//! How much memory a training takes, told before it starts.

mod available;
mod pass;

use std::fmt;

use offseeker_language_model::{AdapterConfig, Config, Keep, Layout, Place, Precision};

pub use available::available;

use crate::TrainError;
use pass::PassMemory;

/// What is trained.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Trained {
    /// All weights.
    Weights,
    /// An adapter, while the weights stay as they are.
    Adapter(AdapterConfig),
    /// Nothing: the network only says what it thinks likely.
    Nothing,
}

/// Where the reference of a preference loss comes from while the policy learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferencePass {
    /// There is none, or what it says was worked out before.
    #[default]
    None,
    /// The same weights run again without the adapter.
    SameWeights,
    /// A second network of the same shape runs.
    OwnWeights,
}

/// A training whose memory is estimated.
///
/// ```
/// use offseeker_language_model::{AdapterConfig, Config};
/// use offseeker_trainer::memory::{MemoryRequest, Trained};
///
/// let config = Config::published("Qwen3-8B").expect("it is published");
/// let mut request = MemoryRequest::new(config, Trained::Weights, 49_152);
/// let all = request.plan()?;
/// request.trained = Trained::Adapter(AdapterConfig::new(32));
/// let adapter = request.plan()?;
/// println!("{adapter}");
///
/// assert!(adapter.total() < all.total() / 2);
/// let refused = all.check(64 << 30).unwrap_err().to_string();
/// assert!(refused.contains("an adapter of rank 16"), "{refused}");
/// # Ok::<(), offseeker_trainer::TrainError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryRequest {
    /// The shape of the network.
    pub config: Config,
    /// What is trained.
    pub trained: Trained,
    /// What weights are in memory. Where they are `bf16` and trained, a copy in `f32` is what the steps go to. The network
    /// on the CPU has `f32`.
    pub precision: Precision,
    /// How many tokens go through the network at once.
    pub tokens: usize,
    /// How long the longest sequence among them may be.
    pub longest: usize,
    /// What a forward pass keeps for the way back.
    pub keep: Keep,
    /// How many bytes the optimizer keeps for a trained number: 8 are the two moments of `AdamW` in `f32`.
    pub optimizer_bytes: usize,
    /// Whether a moving average of what is trained is kept.
    pub average: bool,
    /// Where the reference comes from.
    pub reference: ReferencePass,
    /// How many threads work.
    pub threads: usize,
}

/// A part of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryTerm {
    /// What it is for.
    pub name: &'static str,
    /// How much it is.
    pub bytes: u64,
}

/// An estimate of the memory that a training takes.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryPlan {
    /// What was asked.
    pub request: MemoryRequest,
    /// The parts, of which none is 0.
    pub terms: Vec<MemoryTerm>,
    /// What the logits of all tokens would take at once, for comparison: they are never there.
    pub unchunked_logits: u64,
}

impl MemoryRequest {
    /// A training with `AdamW` and without a reference pass, whose micro-batches are of so many tokens at most, in one
    /// sequence or many, and which keeps the inputs of layers alone.
    #[must_use]
    pub fn new(config: Config, trained: Trained, tokens: usize) -> Self {
        Self {
            config,
            keep: if trained == Trained::Nothing { Keep::Nothing } else { Keep::Inputs },
            trained,
            precision: Precision::F32,
            tokens,
            longest: tokens,
            optimizer_bytes: 8,
            average: false,
            reference: ReferencePass::default(),
            threads: rayon::current_num_threads(),
        }
    }

    /// Estimates the memory.
    ///
    /// # Errors
    ///
    /// When there is no such training.
    pub fn plan(&self) -> Result<MemoryPlan, TrainError> {
        self.check()?;
        let weights = Layout::new(&self.config).len() as u128;
        let stored = weights * if self.precision == Precision::Bf16 { 2 } else { 4 };
        let trained = self.trained_numbers(weights);
        let has_master = self.precision == Precision::Bf16 && self.trained == Trained::Weights;
        let adapter = if let Trained::Adapter(_) = self.trained { trained * 4 } else { 0 };
        let pass = PassMemory::of(self, self.keep);
        let reference = match self.reference {
            ReferencePass::None => 0,
            ReferencePass::SameWeights | ReferencePass::OwnWeights => PassMemory::of(self, Keep::Nothing).total(),
        };
        let terms = [
            ("weights", stored),
            ("weights to step from", if has_master { weights * 4 } else { 0 }),
            ("adapter", adapter),
            ("gradients", trained * 4),
            ("optimizer", trained * self.optimizer_bytes as u128),
            ("moving average", if self.average { trained * 4 } else { 0 }),
            ("reference weights", if self.reference == ReferencePass::OwnWeights { stored } else { 0 }),
            ("reference pass", reference),
            ("kept for the way back", pass.kept),
            ("work of a layer", pass.work),
            ("stream and angles", pass.stream),
            ("head", pass.head),
        ];
        let terms = terms.map(|(name, bytes)| MemoryTerm { name, bytes: saturated(bytes) });
        Ok(MemoryPlan {
            request: self.clone(),
            terms: terms.into_iter().filter(|term| term.bytes > 0).collect(),
            unchunked_logits: saturated(self.tokens as u128 * self.config.vocab_size as u128 * 4),
        })
    }

    fn check(&self) -> Result<(), TrainError> {
        self.config.check()?;
        let wrong = |field, what: &str| Err(TrainError::Settings { field, what: what.to_owned() });
        if self.tokens == 0 || self.tokens > 1 << 40 {
            return wrong("tokens", "is none, or more than any machine has");
        }
        if self.longest == 0 || self.longest > self.tokens {
            return wrong("longest", "is none, or longer than all sequences together");
        }
        if self.keep == Keep::Nothing && self.trained != Trained::Nothing {
            return wrong("keep", "is nothing, and there is no way back from that: keep inputs or everything");
        }
        Ok(())
    }

    /// How many numbers are trained.
    fn trained_numbers(&self, weights: u128) -> u128 {
        match &self.trained {
            Trained::Weights => weights,
            Trained::Nothing => 0,
            Trained::Adapter(adapter) => {
                let layout = Layout::new(&self.config);
                let sides = |part| layout.shape(Place::Layer(0, part)).iter().sum::<usize>();
                let layer: usize = adapter.targets.iter().map(|part| sides(*part)).sum();
                layer as u128 * adapter.rank as u128 * self.config.num_hidden_layers as u128
            }
        }
    }

    /// What would take less, in words.
    fn smaller(&self) -> Vec<(String, Self)> {
        let mut ways = Vec::new();
        if self.keep == Keep::Everything {
            ways.push(("keep the inputs of layers alone".to_owned(), Self { keep: Keep::Inputs, ..self.clone() }));
        }
        if self.reference == ReferencePass::OwnWeights {
            let without = Self { reference: ReferencePass::None, ..self.clone() };
            ways.push(("work out before what the reference says".to_owned(), without));
        }
        if self.tokens > 1 {
            let half = self.tokens / 2;
            let shorter = Self { tokens: half, longest: self.longest.min(half), ..self.clone() };
            ways.push((format!("have {half} tokens at once"), shorter));
        }
        if self.trained == Trained::Weights {
            let adapter = Self { trained: Trained::Adapter(AdapterConfig::new(16)), ..self.clone() };
            ways.push(("train an adapter of rank 16".to_owned(), adapter));
        }
        ways
    }
}

impl MemoryPlan {
    /// All of it, in bytes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.terms.iter().fold(0, |sum, term| sum.saturating_add(term.bytes))
    }

    /// What a policy holds of it before it has learnt anything, in bytes.
    #[must_use]
    pub fn held(&self) -> u64 {
        let held = ["weights", "weights to step from", "adapter", "gradients", "optimizer"];
        self.terms.iter().filter(|term| held.contains(&term.name)).fold(0, |sum, term| sum.saturating_add(term.bytes))
    }

    /// Says whether so many bytes are enough.
    ///
    /// # Errors
    ///
    /// When they are not: with the numbers, and with what would take less.
    pub fn check(&self, available: u64) -> Result<(), TrainError> {
        if self.total() <= available {
            return Ok(());
        }
        let mut text = format!("the training takes {}, and {} are free", Size(self.total()), Size(available));
        let mut terms = self.terms.clone();
        terms.sort_by_key(|term| std::cmp::Reverse(term.bytes));
        for (at, term) in terms.iter().take(3).enumerate() {
            let mark = if at == 0 { ": " } else { ", " };
            text += &format!("{mark}{} {}", term.name, Size(term.bytes));
        }
        for (at, (way, request)) in self.request.smaller().into_iter().enumerate() {
            let mark = if at == 0 { "; " } else { ", or " };
            text += &format!("{mark}{way} ({})", Size(request.plan()?.total()));
        }
        Err(TrainError::Memory(text))
    }
}

impl fmt::Display for MemoryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for MemoryTerm { name, bytes } in &self.terms {
            writeln!(f, "{name:<22} {:>10}", Size(*bytes).to_string())?;
        }
        writeln!(f, "{:<22} {:>10}", "together", Size(self.total()).to_string())?;
        write!(f, "(the logits of all tokens at once would be {})", Size(self.unchunked_logits))
    }
}

/// A number of bytes as people read it.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.0 as f64 / f64::from(1 << 20);
        if mebibytes < 1000.0 { write!(f, "{mebibytes:.1} MiB") } else { write!(f, "{:.1} GiB", mebibytes / 1024.0) }
    }
}

fn saturated(bytes: u128) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
