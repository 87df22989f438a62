//! Who learns.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::section::section;

/// Who learns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StudentKind {
    /// A small Qwen3 that knows nothing.
    #[default]
    Fresh,
    /// A Qwen3 in a folder, of which an adapter learns.
    Folder,
}

section! {
    /// Who learns.
    StudentConfig {
        /// Who learns: `fresh` for a small model that knows nothing, `folder` for one in a folder.
        kind: StudentKind = StudentKind::Fresh,
        /// A small Qwen3 that knows nothing.
        fresh: FreshStudent = FreshStudent::default(),
        /// A Qwen3 in a folder.
        folder: FolderStudent = FolderStudent::default(),
    }
}

section! {
    /// A small Qwen3 that knows nothing.
    FreshStudent {
        /// The width of its stream.
        width: usize = 128,
        /// How many layers it has.
        layers: usize = 4,
        /// How many heads ask in a layer; half as many answer.
        heads: usize = 4,
        /// The width of a head.
        head_dim: usize = 64,
        /// How many tokens its tokenizer has at most. It is made of what was said and of pages.
        vocabulary: usize = 1_200,
        /// What its weights are drawn from.
        seed: u64 = 1,
    }
}

section! {
    /// A Qwen3 in a folder, of which an adapter learns.
    FolderStudent {
        /// The folder, in Hugging Face's layout.
        path: PathBuf = PathBuf::new(),
        /// How narrow the matrices of the adapter are; with nought all weights learn.
        rank: usize = 16,
        /// How much the adapter counts, before that is divided by the rank.
        alpha: f64 = 32.0,
        /// What the adapter is drawn from.
        seed: u64 = 1,
    }
}
