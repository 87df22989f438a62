//! A language model that runs and learns here: Qwen3, its tokenizer, its dialogue and its files.
//!
//! - [`Network`] runs Qwen3 forwards and backwards on the CPU, without a graph of operations; [`Cache`] is what it keeps while
//!   it writes. [`Weights`] and [`Adapter`] are read from the folders that others write, and written so.
//! - [`Tokenizer`] turns texts into tokens and back, and [`BytePairTraining`] makes one.
//! - [`dialogue`] turns messages into tokens, and says of each token where it came from: the same for training as for
//!   writing.
//! - [`LocalModel`] answers as a [`ChatModel`](offseeker_chat::ChatModel): many requests at once, each exactly as if it ran
//!   alone.
//!
//! ```
//! use offseeker_language_model::{Batch, Config, Keep, Network, Pass, Weights};
//!
//! let weights = Weights::from_seed(&Config::small(64, 32, 2, 2), 1)?;
//! let mut batch = Batch::new();
//! batch.push(&[3, 1, 4, 1], &[false, true, true, true])?;
//! let log_probabilities = Network::new(&weights).forward(&batch, &mut Pass::new(Keep::Nothing))?;
//! assert!(log_probabilities.iter().all(|it| *it <= 0.0));
//! # Ok::<(), offseeker_language_model::NetworkError>(())
//! ```

mod config;
pub mod dialogue;
pub mod kernels;
mod local;
mod lora;
mod network;
mod network_error;
mod sampling;
#[cfg(feature = "serve")]
pub mod serve;
mod tokenizer;
mod weights;

pub use config::{Config, Yarn};
pub use dialogue::{
    ChatTemplate, Cutoff, DialogueError, Origin, OverLong, Rendered, Renderer, Tally, Thinking, tool_json,
};
pub use local::{Load, LocalError, LocalModel, LocalOptions, Piece, ReplyStream, SamplingDefaults};
pub use lora::{Adapter, AdapterConfig, AdapterLayout};
pub use network::{Batch, Cache, Gradients, Keep, Network, Pass};
pub use network_error::NetworkError;
pub use sampling::{GenerateOptions, Generated, Sampled, Sampling, generate};
pub use tokenizer::{
    BytePairTraining, Cuts, Encoded, IncrementalText, StopStrings, Tokenizer, TokenizerConfig, TokenizerError,
};
pub use weights::{Layout, Part, Place, Precision, Weights};
