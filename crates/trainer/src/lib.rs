//! Trains a language model on what agents did: on samples by fine-tuning, on pairs by preference.
//!
//! - [`sft`] and [`dpo`] are each one function that reads from top to bottom: forward and backward, a step, what is written
//!   down, what is saved. A [`Run`] is the folder in which that happens, and goes on where it was killed, to the same bits.
//! - A [`Policy`] is what learns: [`Engine`] is Qwen3 with all its weights or an adapter, [`CandlePolicy`] any candle model
//!   of one's own.
//! - [`losses`] are free functions of log-probabilities; [`Sequences`] and [`SequencePairs`] are what is learnt from, and
//!   [`Plan`] says in which order.
//!
//! The policy gives log-probabilities and takes the gradient of any loss with respect to them. So a loss is a few lines of
//! candle, and no model is a part of it; and the engine needs no graph of operations, which holds every activation until the
//! end.
//!
//! It is no place for attempts: whoever wants fresh ones makes them and comes with pairs.
//!
//! ```
//! use offseeker_language_model::{Config, Weights};
//! use offseeker_trainer::{Engine, Length, Run, Sequence, Sequences, Sft, held_out_loss, sft};
//!
//! // What comes after 3, 1, 4 is to be 1, 5.
//! let lesson = Sequence { tokens: vec![3, 1, 4, 1, 5], weights: vec![0.0, 0.0, 0.0, 1.0, 1.0] };
//! let data = Sequences::new(vec![lesson])?;
//! let mut policy = Engine::whole(Weights::from_seed(&Config::small(16, 32, 2, 2), 1)?);
//! let before = held_out_loss(&mut policy, &data, 1024)?;
//!
//! let mut settings = Sft::offseeker();
//! settings.training.length = Length::Steps(20);
//! settings.training.schedule.peak = 1e-2;
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let folder = folder.path();
//! let outcome = sft(&mut policy, &data, &settings, Run::new(folder))?;
//!
//! assert!(outcome.is_finished && outcome.model.is_some());
//! assert!(held_out_loss(&mut policy, &data, 1024)? < before / 2.0);
//! # Ok::<(), offseeker_trainer::TrainError>(())
//! ```

pub mod alarms;
pub mod average;
mod candle_policy;
mod checkpoint;
mod dpo;
mod engine;
mod error;
pub mod losses;
pub mod memory;
pub mod metrics;
mod optimiser;
mod plan;
#[cfg(feature = "plots")]
pub mod plot;
mod policy;
mod presets;
mod progress;
mod reference;
mod reward;
mod run;
pub mod schedule;
mod sequences;
mod sft;
mod signals;
mod tensors;
mod training;

pub use candle_policy::{CandleModel, CandlePolicy, Padded};
pub use checkpoint::{Checkpoint, Checkpoints, Manifest};
pub use dpo::{Dpo, HeldOutPairs, dpo};
pub use engine::Engine;
pub use error::TrainError;
pub use optimiser::{AdamW, Moments};
pub use plan::{Batching, Order, PerStep, Plan};
pub use policy::{About, Policy, State, Update};
pub use progress::Progress;
pub use reference::{Ask, Reference, ReferenceKey, Sides, rendering};
pub use reward::RewardHead;
pub use run::{Outcome, Run};
pub use sequences::{Counted, PairTally, Reading, Sequence, SequencePair, SequencePairs, Sequences};
pub use sft::{Sft, TokenLoss, held_out_loss, sft};
pub use signals::stop_on_signals;
pub use training::{Length, Training};
