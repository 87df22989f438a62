//! A full-text index on disk.

mod analyzer;
mod fields;
mod language;
mod local;
mod passage;
mod ranked;
mod settings;
mod snapshot;
mod writer;

#[cfg(test)]
mod tests;

pub use language::Language;
pub use local::LocalIndex;
pub use settings::Settings;
pub use writer::{IndexWriter, WriterOptions};
