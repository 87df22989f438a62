//! Why a model that runs here cannot be made.

use std::io;
use std::path::PathBuf;

use crate::{DialogueError, NetworkError, TokenizerError};

/// Why a model that runs here cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// The weights or the adapter are no use.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The tokenizer is no use.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The chat template is no use.
    #[error(transparent)]
    Dialogue(#[from] DialogueError),
    /// A field of a file has a value that it cannot have.
    #[error("{}: `{field}` {what}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field.
        field: String,
        /// What is wrong with it.
        what: String,
    },
    /// An option has a value that it cannot have.
    #[error("the option `{option}` {what}")]
    Option {
        /// The option.
        option: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// The tokenizer has more tokens than the network.
    #[error("the tokenizer has {tokenizer} tokens and the network {network}; they belong to different models")]
    Vocabulary {
        /// How many tokens the tokenizer has.
        tokenizer: usize,
        /// How many tokens the network has.
        network: usize,
    },
    /// A GGUF file is no use.
    #[error("{}: {what}", path.display())]
    Gguf {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The system gave no thread to run in.
    #[error("no thread for the model: {0}")]
    Thread(#[from] io::Error),
}
