//! The stages of a run, each one function from typed inputs to files, which can be used by itself.

mod attempts;
mod curation;
mod dpo;
mod evaluation;
mod grades;
mod graph;
mod page;
mod pairs;
mod questions;
mod report;
mod samples;
mod sft;
mod student;

pub use attempts::{Attempting, attempt};
pub use curation::{Curated, Curating, curate};
pub use dpo::{Preferring, prefer};
pub use evaluation::{Measured, Measuring, measure};
pub use grades::grade;
pub use graph::graph;
pub use page::page;
pub use pairs::{Pairing, pairs};
pub use questions::{planned, questions};
pub use report::report;
pub use samples::{Sampling, samples};
pub use sft::{Learning, learn};
pub use student::student;
