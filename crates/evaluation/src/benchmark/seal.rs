//! Questions that are spread encrypted, so that no model learns them from a page: their ciphers, and the mark they carry.
//!
//! The key lies beside the text: this keeps crawlers out, and no person. What is decrypted stays in memory. A question of
//! such a set carries the mark `seal` in its metadata, which says how it was encrypted and whether its text is so now;
//! whoever writes trajectories into files asks [`is_exposed`] and writes [`close`] of it instead.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offseeker_trajectory::{Answer, Question};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The field of metadata that holds the mark.
const MARK: &str = "seal";

/// How the texts of a set are encrypted. The bytes are then written as Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cipher {
    /// XOR with the SHA-256 of the canary, over and over: the family of BrowseComp.
    HashedXor,
    /// XOR with the bytes of the canary, over and over: xbench.
    PlainXor,
}

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

/// What a question of a sealed set says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    #[serde(flatten)]
    seal: Seal,
    /// Whether text and answers are encrypted now.
    closed: bool,
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
    fn crossed(&self, bytes: &[u8]) -> Vec<u8> {
        let key = match self.cipher {
            Cipher::HashedXor => Sha256::digest(self.canary.as_bytes()).to_vec(),
            Cipher::PlainXor => self.canary.as_bytes().to_vec(),
        };
        bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }

    /// Marks a question in clear as one of a sealed set.
    pub(super) fn mark(&self, question: &mut Question) {
        set_mark(question, self.clone(), false);
    }
}

fn set_mark(question: &mut Question, seal: Seal, closed: bool) {
    let mark = serde_json::to_value(Mark { seal, closed }).expect("a mark is made of texts");
    question.metadata.insert(MARK.to_owned(), mark);
}

fn mark_of(question: &Question) -> Option<Mark> {
    question.metadata.get(MARK).and_then(|mark: &Value| serde_json::from_value(mark.clone()).ok())
}

/// Whether a question is of a sealed set and in clear, so that it must not be written into a file.
///
/// One whose mark cannot be read counts as such.
#[must_use]
pub fn is_exposed(question: &Question) -> bool {
    let is_marked = question.metadata.get(MARK).is_some_and(Value::is_object);
    is_marked && mark_of(question).is_none_or(|mark| !mark.closed)
}

/// The question as it may be written: text and answers encrypted again, where it is of a sealed set.
#[must_use]
pub fn close(question: &Question) -> Question {
    let Some(mark) = mark_of(question).filter(|mark| !mark.closed) else { return question.clone() };
    let text = |text: &str| Ok::<_, SealError>(mark.seal.close(text));
    let mut closed = changed(question, text).expect("every text can be encrypted");
    set_mark(&mut closed, mark.seal.clone(), true);
    closed
}

/// The question in clear, where it was [closed](close).
///
/// # Errors
///
/// When a text of it was not encrypted as its mark says.
pub fn open(question: &Question) -> Result<Question, SealError> {
    let Some(mark) = mark_of(question).filter(|mark| mark.closed) else { return Ok(question.clone()) };
    let mut opened = changed(question, |text| mark.seal.open(text))?;
    set_mark(&mut opened, mark.seal.clone(), false);
    Ok(opened)
}

/// The question with all its texts changed.
fn changed(question: &Question, text: impl Fn(&str) -> Result<String, SealError>) -> Result<Question, SealError> {
    let answer = |answer: &Answer| {
        let aliases = answer.aliases.iter().map(|alias| text(alias)).collect::<Result<_, _>>()?;
        Ok(Answer { text: text(&answer.text)?, aliases })
    };
    Ok(Question {
        text: text(&question.text)?,
        answers: question.answers.iter().map(answer).collect::<Result<_, SealError>>()?,
        ..question.clone()
    })
}
