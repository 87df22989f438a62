//! An embedder that needs no model.

use async_trait::async_trait;
use offseeker_pages::words;

use super::{Embedder, Purpose};
use crate::SearchError;

/// An embedder that needs no model: texts are similar that share words. For tests, and to try things out.
///
/// Each word adds one to a number of the vector, or takes one from it; a hash of the word says which.
#[derive(Debug, Clone)]
pub struct HashedWords {
    name: String,
    dimensions: usize,
}

impl HashedWords {
    /// Gives vectors of so many numbers; nought counts as one.
    #[must_use]
    pub fn new(dimensions: usize) -> Self {
        let dimensions = dimensions.max(1);
        Self { name: format!("hashed_words:{dimensions}"), dimensions }
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; self.dimensions];
        for word in words(text) {
            let hash = blake3::hash(word.as_bytes());
            let (place, sign) = hash.as_bytes().split_at(8);
            let place = u64::from_le_bytes(place.try_into().expect("eight bytes were split off"));
            let place = usize::try_from(place % self.dimensions as u64).expect("it is below a number of dimensions");
            vector[place] += if sign[0] & 1 == 0 { 1.0 } else { -1.0 };
        }
        // A text in which nothing is left points somewhere all the same.
        if vector.iter().all(|number| *number == 0.0) {
            vector[0] = 1.0;
        }
        vector
    }
}

#[async_trait]
impl Embedder for HashedWords {
    fn name(&self) -> &str {
        &self.name
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    async fn embed(&self, texts: &[&str], _: Purpose) -> Result<Vec<Vec<f32>>, SearchError> {
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}
