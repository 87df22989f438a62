//! Trains a language model on what agents did: on samples by fine-tuning, on pairs by preference.
//!
//! The heart is one trait and free functions.

mod error;

pub use error::TrainError;

pub mod losses;
pub mod metrics;
pub mod schedule;
