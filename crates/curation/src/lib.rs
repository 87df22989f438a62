//! From graded attempts to training data: filters, difficulty, samples, pairs, groups.

pub mod benchmarks;
pub mod digest;
pub mod stage;

mod addresses;
mod calls;
mod difficulty;
mod error;
mod histogram;
mod main_branch;
mod recipe;
mod report;
mod secrets;
mod select;
mod thought;
mod tokens;

pub use difficulty::{Band, Bands, Difficulty, difficulty};
pub use digest::{Digest, Digester, Reading};
pub use error::CurationError;
pub use histogram::{Bin, Histogram};
pub use recipe::Recipe;
pub use report::{Change, Comparison, Figures, Passed, Report};
pub use secrets::Secrets;
pub use select::{Dropped, Selection, select};
pub use stage::{Reason, Stage, Verdict};
pub use tokens::{CountTokens, Estimate};
