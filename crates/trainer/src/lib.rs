//! Trains a language model on what agents did: on samples by fine-tuning, on pairs by preference.
//!
//! The heart is one trait and free functions.

mod error;

pub use error::TrainError;

pub mod alarms;
pub mod average;
pub mod losses;
pub mod memory;
pub mod metrics;
#[cfg(feature = "plots")]
pub mod plot;
mod reward;
pub mod schedule;

pub use reward::RewardHead;
