//! Questions that are spread encrypted, so that no model learns them from a page: their ciphers, and the mark they carry.
//!
//! The key lies beside the text: this keeps crawlers out, and no person. What is decrypted stays in memory. A question of
//! such a set carries the mark `seal` in its metadata, which says how it was encrypted and whether its text is so now;
//! whoever writes trajectories into files asks [`is_exposed`](offseeker_trajectory::is_exposed) and writes [`close`] of it instead.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offseeker_trajectory::{Answer, Cipher, Metadata, Question, SealMark};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The fields of metadata that stay in clear: by them a set is found in training data, and closed questions are opened.
const IN_CLEAR: [&str; 3] = [SealMark::FIELD, "benchmark", "canary"];

/// How a text is encrypted, and by which canary.
///
/// ```
/// use offseeker_evaluation::{Cipher, Seal};
///
/// let seal = Seal { cipher: Cipher::PlainXor, canary: "demo-canary".to_owned() };
/// assert_eq!(seal.close("the Orsa"), "EA0IT2IREg8=");
/// assert_eq!(seal.open("EA0IT2IREg8=")?, "the Orsa");
/// # Ok::<(), offseeker_evaluation::SealError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seal {
    /// How.
    pub cipher: Cipher,
    /// The text that the key is made of, which stands beside the question.
    pub canary: String,
}

/// Why a text cannot be decrypted. It holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// There is nothing to make a key of.
    #[error("has an empty canary, of which no key can be made")]
    NoCanary,
    /// It is no Base64.
    #[error("is not encrypted as this format has it: it is no Base64")]
    NotBase64,
    /// What comes out is no text.
    #[error("does not become text under its canary; check that text and canary belong to one row")]
    NotText,
}

impl Seal {
    /// Encrypts a text.
    #[must_use]
    pub fn close(&self, text: &str) -> String {
        STANDARD.encode(self.crossed(text.as_bytes()))
    }

    /// Decrypts a text.
    ///
    /// # Errors
    ///
    /// When it is not one that was encrypted so.
    pub fn open(&self, closed: &str) -> Result<String, SealError> {
        if self.canary.is_empty() {
            return Err(SealError::NoCanary);
        }
        let bytes = STANDARD.decode(closed.trim()).map_err(|_| SealError::NotBase64)?;
        String::from_utf8(self.crossed(&bytes)).map_err(|_| SealError::NotText)
    }

    /// The bytes with the key over them; the same again gives them back.
    pub(crate) fn crossed(&self, bytes: &[u8]) -> Vec<u8> {
        let key = match self.cipher {
            Cipher::HashedXor => Sha256::digest(self.canary.as_bytes()).to_vec(),
            Cipher::PlainXor => self.canary.as_bytes().to_vec(),
        };
        bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }

    /// Marks what has this metadata as something of a sealed set.
    pub(crate) fn mark(&self, metadata: &mut Metadata, closed: bool) {
        SealMark { cipher: self.cipher, canary: self.canary.clone(), closed }.put(metadata);
    }
}

/// The seal of what has this metadata, and whether it is closed; none where there is no mark that can be read.
pub(crate) fn seal_of(metadata: &Metadata) -> Option<(Seal, bool)> {
    let SealMark { cipher, canary, closed } = SealMark::of(metadata)?;
    Some((Seal { cipher, canary }, closed))
}

/// The question as it may be written, where it is of a sealed set: its text, its answers and the texts of its metadata are
/// encrypted again, but for the name of the set and the canary.
#[must_use]
pub fn close(question: &Question) -> Question {
    let Some((seal, false)) = seal_of(&question.metadata) else { return question.clone() };
    let mut closed = changed(question, &|text| Ok(seal.close(text))).expect("every text can be encrypted");
    seal.mark(&mut closed.metadata, true);
    closed
}

/// The question in clear, where it was [closed](close).
///
/// # Errors
///
/// When a text of it was not encrypted as its mark says.
pub fn open(question: &Question) -> Result<Question, SealError> {
    let Some((seal, true)) = seal_of(&question.metadata) else { return Ok(question.clone()) };
    let mut opened = changed(question, &|text| seal.open(text))?;
    seal.mark(&mut opened.metadata, false);
    Ok(opened)
}

/// What makes another text of one.
pub(crate) type Change<'a> = &'a dyn Fn(&str) -> Result<String, SealError>;

/// The question with all its texts changed.
fn changed(question: &Question, text: Change<'_>) -> Result<Question, SealError> {
    let answer = |answer: &Answer| {
        let aliases = answer.aliases.iter().map(|alias| text(alias)).collect::<Result<_, _>>()?;
        Ok(Answer { text: text(&answer.text)?, aliases })
    };
    Ok(Question {
        text: text(&question.text)?,
        answers: question.answers.iter().map(answer).collect::<Result<_, SealError>>()?,
        metadata: changed_metadata(&question.metadata, text)?,
        ..question.clone()
    })
}

/// Metadata with its texts changed, but for those that stay in clear. Names of fields are kept.
pub(crate) fn changed_metadata(metadata: &Metadata, text: Change<'_>) -> Result<Metadata, SealError> {
    let field = |(name, value): (&String, &Value)| {
        let is_in_clear = IN_CLEAR.contains(&name.as_str());
        Ok((name.clone(), if is_in_clear { value.clone() } else { changed_value(value, text)? }))
    };
    metadata.iter().map(field).collect()
}

fn changed_value(value: &Value, text: Change<'_>) -> Result<Value, SealError> {
    Ok(match value {
        Value::String(said) => Value::String(text(said)?),
        Value::Array(items) => items.iter().map(|item| changed_value(item, text)).collect::<Result<_, _>>()?,
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| Ok((name.clone(), changed_value(value, text)?));
            Value::Object(fields.iter().map(field).collect::<Result<_, SealError>>()?)
        }
        other => other.clone(),
    })
}
