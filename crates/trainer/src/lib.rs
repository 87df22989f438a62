//! Trains a language model on what agents did: on samples by fine-tuning, on pairs by preference.
//!
//! The heart is one trait and free functions.

mod candle_policy;
mod checkpoint;
mod engine;
mod error;
mod optimiser;
mod plan;
mod policy;
mod reference;
mod sequences;

pub use candle_policy::{CandleModel, CandlePolicy, Padded};
pub use checkpoint::{Checkpoint, Checkpoints, Manifest};
pub use engine::Engine;
pub use error::TrainError;
pub use optimiser::{AdamW, Moments};
pub use plan::{Batching, Order, PerStep, Plan};
pub use policy::{About, Policy, State, Update};
pub use reference::{Reference, ReferenceKey, Sides};
pub use sequences::{Counted, PairTally, Reading, Sequence, SequencePair, SequencePairs, Sequences};
