//! The port: turns texts into vectors.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::SearchError;

/// What a text is, for a model that treats questions otherwise than what they are answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What is searched for.
    Query,
    /// What is found.
    Passage,
}

/// Turns texts into vectors, of which those of similar texts point the same way.
#[async_trait]
pub trait Embedder: Debug + Send + Sync {
    /// What the embedder is called: another for other vectors, because an index keeps whose vectors it has. No key is
    /// in it.
    fn name(&self) -> &str;

    /// How many numbers a vector has.
    fn dimensions(&self) -> usize;

    /// Gives a vector for each text, in their order.
    async fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>, SearchError>;
}

#[async_trait]
impl<E: Embedder + ?Sized> Embedder for &E {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn dimensions(&self) -> usize {
        (**self).dimensions()
    }

    async fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>, SearchError> {
        (**self).embed(texts, purpose).await
    }
}

#[async_trait]
impl<E: Embedder + ?Sized> Embedder for Arc<E> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn dimensions(&self) -> usize {
        (**self).dimensions()
    }

    async fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>, SearchError> {
        (**self).embed(texts, purpose).await
    }
}

#[async_trait]
impl<E: Embedder + ?Sized> Embedder for Box<E> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn dimensions(&self) -> usize {
        (**self).dimensions()
    }

    async fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>, SearchError> {
        (**self).embed(texts, purpose).await
    }
}
