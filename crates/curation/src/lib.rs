//! From graded attempts to training data: filters, difficulty, samples, pairs, groups.

pub mod benchmarks;
pub mod digest;
pub mod stage;

mod addresses;
mod calls;
mod cut;
mod difficulty;
mod error;
mod groups;
mod histogram;
mod main_branch;
mod pairs;
mod recipe;
mod report;
mod secrets;
mod select;
mod thought;
mod tokens;

pub use cut::{CutRules, SpellTokens, TrainOn, View, samples, samples_spelled};
pub use difficulty::{Band, Bands, Difficulty, difficulty};
pub use digest::{Digest, Digester, Reading};
pub use error::CurationError;
pub use groups::{Advantage, Candidate, DownSample, GroupRules, Reward, average, normalised_over_batch};
pub use histogram::{Bin, Histogram};
pub use pairs::{PairRules, Pairing, Pairs, PairsReport, PlannedPair, Ranking, Refusal, Refused, Weights, pair_up};
pub use recipe::Recipe;
pub use report::{Change, Comparison, Figures, Passed, Report};
pub use secrets::Secrets;
pub use select::{Dropped, Selection, select};
pub use stage::{Reason, Stage, Verdict};
pub use tokens::{CountTokens, Estimate};
