//! The mark that questions of sealed sets carry, so that nobody writes them in clear without knowing.
//!
//! Benchmarks are spread encrypted so that no model learns them from a page. Whoever decrypts one marks its questions, and
//! whoever writes files asks for the mark. How a text is encrypted is known above; here is what is said of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Metadata, Question};

/// How the texts of a set are encrypted. The bytes are then written as Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cipher {
    /// XOR with the SHA-256 of the canary, over and over: the family of BrowseComp.
    HashedXor,
    /// XOR with the bytes of the canary, over and over: xbench.
    PlainXor,
}

/// What a question of a sealed set says of itself, in its metadata. Samples that are cut from attempts at it say the same.
///
/// ```
/// use offseeker_trajectory::{Cipher, Question, SealMark, is_exposed};
///
/// let mut question = Question::new("Which river?", ["the Orsa"]);
/// assert!(!is_exposed(&question));
/// let mark = SealMark { cipher: Cipher::HashedXor, canary: "demo-canary".to_owned(), closed: false };
/// mark.put(&mut question.metadata);
/// assert!(is_exposed(&question));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SealMark {
    /// How its texts are encrypted, where they are.
    pub cipher: Cipher,
    /// What the key is made of.
    pub canary: String,
    /// Whether its texts are encrypted now.
    pub closed: bool,
}

impl SealMark {
    /// The field of metadata that holds the mark.
    pub const FIELD: &'static str = "seal";

    /// The mark, where there is one that can be read.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        serde_json::from_value(metadata.get(Self::FIELD)?.clone()).ok()
    }

    /// Puts the mark in the place of any other.
    pub fn put(self, metadata: &mut Metadata) {
        let mark = serde_json::to_value(self).expect("a mark is made of texts");
        metadata.insert(Self::FIELD.to_owned(), mark);
    }

    /// Whether what has this metadata is of a sealed set and in clear. A mark that cannot be read counts as such.
    #[must_use]
    pub fn exposes(metadata: &Metadata) -> bool {
        let is_marked = metadata.get(Self::FIELD).is_some_and(Value::is_object);
        is_marked && Self::of(metadata).is_none_or(|mark| !mark.closed)
    }
}

/// Whether a question is of a sealed set and in clear, so that it must not be written into a file.
///
/// One whose mark cannot be read counts as such.
#[must_use]
pub fn is_exposed(question: &Question) -> bool {
    SealMark::exposes(&question.metadata)
}
