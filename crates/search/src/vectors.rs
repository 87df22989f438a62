//! An index of vectors, what makes vectors of texts, and the fusion of hits.

#[cfg(any())]
mod bert;
mod dense;
mod embedder;
#[cfg(any())]
mod embeddings;
mod fused;
mod hashed_words;
mod passages;
mod rows;
mod vector_index;
mod vector_writer;

#[cfg(test)]
mod tests;

#[cfg(any())]
pub use bert::{Bert, BertOptions};
pub use dense::Dense;
pub use embedder::{Embedder, Purpose};
#[cfg(any())]
pub use embeddings::{Embeddings, EmbeddingsOptions};
pub use fused::Fused;
pub use hashed_words::HashedWords;
pub use passages::passages;
pub use vector_index::{Near, VectorIndex};
pub use vector_writer::{Passage, VectorWriter};
