//! An index of vectors, what makes vectors of texts, and the fusion of hits.

#[cfg(feature = "bert")]
mod bert;
mod dense;
mod embedder;
#[cfg(feature = "engines")]
mod embeddings;
mod fused;
mod hashed_words;
mod passages;
mod rows;
mod vector_index;
mod vector_writer;

#[cfg(test)]
mod tests;

#[cfg(feature = "bert")]
pub use bert::{Bert, BertOptions};
pub use dense::Dense;
pub use embedder::{Embedder, Purpose};
#[cfg(feature = "engines")]
pub use embeddings::{Embeddings, EmbeddingsOptions};
pub use fused::Fused;
pub use hashed_words::HashedWords;
pub use passages::passages;
pub use vector_index::{Near, VectorIndex};
pub use vector_writer::{Passage, VectorWriter};
