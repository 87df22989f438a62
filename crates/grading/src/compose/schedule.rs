//! A weight that follows training.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// How far training has come, from 0 to 1. Clones share it: the trainer sets it, graders read it.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Says how far training has come; what lies outside 0 to 1 is brought there, and what is no number is 0.
    pub fn set(&self, progress: f64) {
        let progress = if progress.is_nan() { 0.0 } else { progress.clamp(0.0, 1.0) };
        self.0.store(progress.to_bits(), Ordering::Relaxed);
    }

    /// How far training has come.
    #[must_use]
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// A weight as a function of how far training has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Schedule {
    /// Always the same.
    Constant {
        /// The weight.
        weight: f64,
    },
    /// A straight line.
    Linear {
        /// The weight at the start.
        from: f64,
        /// The weight at the end.
        to: f64,
    },
    /// Half a wave: slow at both ends.
    Cosine {
        /// The weight at the start.
        from: f64,
        /// The weight at the end.
        to: f64,
    },
    /// One weight up to a point, another from there on.
    Step {
        /// The weight at the start.
        from: f64,
        /// The weight at the end.
        to: f64,
        /// The point, from 0 to 1.
        at: f64,
    },
}

impl Schedule {
    /// The weight when training has come this far.
    #[must_use]
    pub fn weight(&self, progress: f64) -> f64 {
        let progress = if progress.is_nan() { 0.0 } else { progress.clamp(0.0, 1.0) };
        match *self {
            Self::Constant { weight } => weight,
            Self::Linear { from, to } => from + (to - from) * progress,
            Self::Cosine { from, to } => to + (from - to) * f64::midpoint(1.0, (std::f64::consts::PI * progress).cos()),
            Self::Step { from, to, at } => {
                if progress < at {
                    from
                } else {
                    to
                }
            }
        }
    }
}
