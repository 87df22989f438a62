//! Walks over a packed graph, and samples of it.

mod rules;
mod sample;
mod seed;
mod steps;

pub use rules::{Direction, Rules, Step};
pub use sample::{Sample, SampleOptions};
pub use seed::rng;
pub use steps::{Walk, WalkOptions};
