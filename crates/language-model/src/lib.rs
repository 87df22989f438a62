//! A language model that runs and learns here: Qwen3, its tokenizer, its dialogue and its files.

mod config;
pub mod kernels;
mod lora;
mod network;
mod network_error;
mod sampling;
mod weights;

pub use config::{Config, Yarn};
pub use lora::{Adapter, AdapterConfig, AdapterLayout};
pub use network::{Batch, Cache, Gradients, Keep, Network, Pass};
pub use network_error::NetworkError;
pub use sampling::{GenerateOptions, Generated, Sampled, Sampling, generate};
pub use weights::{Layout, Part, Place, Precision, Weights};
