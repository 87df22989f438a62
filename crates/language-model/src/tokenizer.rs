//! Text to tokens and back: the byte-level vocabulary of a model, read, learnt and written in Hugging Face's layout.

mod bytes;
mod config;
mod encoded;
mod error;
mod file;
mod folder;
mod incremental;
mod stop_strings;
mod training;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use tokenizers::DecoderWrapper;

use bytes::TokenBytes;
pub use config::TokenizerConfig;
pub use encoded::Encoded;
pub use error::TokenizerError;
pub(crate) use file::text_of;
pub use incremental::IncrementalText;
pub use stop_strings::StopStrings;
#[cfg(feature = "gguf")]
pub(crate) use training::CUTS;
pub use training::{BytePairTraining, Cuts};

/// A run of white space that is longer makes the expressions of pre-tokenizers give up, without a word.
const MOST_WHITE_SPACE: usize = 100_000;

/// Splits text into the tokens of a model, and puts tokens together to text.
///
/// A **special** token, such as `<|im_end|>`, is one that no text holds: [`encode`](Self::encode) takes its spelling for
/// plain text, so nothing that a user or a page says can end a message. [`encode_markup`](Self::encode_markup) is for
/// text that was made by a template. Markup that is no special token, such as `<think>`, is one token in both.
///
/// ```
/// use offseeker_language_model::BytePairTraining;
///
/// let tokenizer = BytePairTraining::new(300).train(["some text"])?;
/// let end = tokenizer.id("<|im_end|>").expect("it is among the special tokens");
/// assert_eq!(tokenizer.encode_markup("<|im_end|>")?, [end]);
/// assert!(!tokenizer.encode("<|im_end|>")?.contains(&end));
/// # Ok::<(), offseeker_language_model::TokenizerError>(())
/// ```
pub struct Tokenizer {
    /// Takes the spelling of a special token for that token.
    markup: tokenizers::Tokenizer,
    /// Takes it for text; made when a text is first encoded so.
    plain: OnceLock<tokenizers::Tokenizer>,
    config: TokenizerConfig,
    bytes: TokenBytes,
    specials: Vec<(String, u32)>,
    greedy: Option<String>,
    ends: Vec<u32>,
}

impl Tokenizer {
    pub(crate) fn new(
        mut inner: tokenizers::Tokenizer,
        config: TokenizerConfig,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
        let not_bytes = |reason| TokenizerError::NotByteLevel { file: file.to_owned(), reason };
        if !matches!(inner.get_decoder(), Some(DecoderWrapper::ByteLevel(_))) {
            return Err(not_bytes("its decoder is not ByteLevel"));
        }
        if puts_space_first(inner.get_pre_tokenizer().map(|part| serde_json::to_value(part).unwrap_or_default())) {
            return Err(not_bytes("it puts a space before every text"));
        }
        inner.with_padding(None);
        let no_truncation = inner.with_truncation(None).map(|_| ());
        no_truncation.map_err(|error| TokenizerError::Encode { reason: error.to_string() })?;
        let mut specials = Vec::new();
        let mut greedy = None;
        let mut size = inner.get_vocab(true).into_values().max().map_or(0, |id| id.saturating_add(1));
        for (id, token) in inner.get_added_tokens_decoder() {
            size = size.max(id.saturating_add(1));
            if token.special {
                if token.lstrip || token.rstrip || token.single_word {
                    greedy = Some(token.content.clone());
                }
                specials.push((token.content, id));
            }
        }
        specials.sort_by_key(|&(_, id)| id);
        let bytes = TokenBytes::new(size, |id| inner.id_to_token(id));
        let ends = ends(&config, &inner, bytes.len(), file)?;
        Ok(Self { markup: inner, plain: OnceLock::new(), config, bytes, specials, greedy, ends })
    }

    /// Splits text into tokens. The spelling of a special token in it is text like any other.
    ///
    /// # Errors
    ///
    /// When the text has more white space in a row than is split exactly.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        check_white_space(text)?;
        let encoded = self.plain().encode_fast(text, false).map_err(cannot_encode)?;
        Ok(encoded.get_ids().to_vec())
    }

    /// Splits text that a template made into tokens; the spelling of a special token is that token.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub fn encode_markup(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        check_white_space(text)?;
        let encoded = self.markup.encode_fast(text, false).map_err(cannot_encode)?;
        Ok(encoded.get_ids().to_vec())
    }

    fn plain(&self) -> &tokenizers::Tokenizer {
        self.plain.get_or_init(|| {
            let mut plain = self.markup.clone();
            plain.set_encode_special_tokens(true);
            plain
        })
    }

    /// Puts tokens together to text, special ones with their spelling. Bytes that are no UTF-8 show as `U+FFFD`.
    ///
    /// # Errors
    ///
    /// When the vocabulary has no such token.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        let mut bytes = Vec::new();
        for &id in ids {
            bytes.extend_from_slice(self.bytes_of(id)?);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Puts tokens together to text and leaves the special ones out.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_text(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        let ids: Vec<u32> = ids.iter().copied().filter(|&id| !self.is_special(id)).collect();
        self.decode(&ids)
    }

    /// The bytes that a token stands for; they need not be UTF-8.
    ///
    /// # Errors
    ///
    /// When the vocabulary has no such token.
    pub fn bytes_of(&self, id: u32) -> Result<&[u8], TokenizerError> {
        self.bytes.of(id).ok_or(TokenizerError::UnknownId { id, size: self.bytes.len() })
    }

    /// The id of a token by its spelling in the vocabulary.
    #[must_use]
    pub fn id(&self, token: &str) -> Option<u32> {
        self.markup.token_to_id(token)
    }

    /// Whether a token is one that no text holds.
    #[must_use]
    pub fn is_special(&self, id: u32) -> bool {
        self.specials.iter().any(|&(_, special)| special == id)
    }

    /// The special tokens, by id.
    pub fn specials(&self) -> impl Iterator<Item = (&str, u32)> {
        self.specials.iter().map(|(token, id)| (token.as_str(), *id))
    }

    /// The tokens at which a turn of the model ends.
    #[must_use]
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// One more than the largest id: what a model has to have rows for.
    #[must_use]
    pub fn vocabulary(&self) -> usize {
        self.bytes.len()
    }

    /// What the folder says beside the vocabulary.
    #[must_use]
    pub fn config(&self) -> &TokenizerConfig {
        &self.config
    }

    /// Gives the tokenizer a chat template, which [`save`](Self::save) writes beside it.
    #[must_use]
    pub fn with_template(mut self, source: impl Into<String>) -> Self {
        self.config.templates.retain(|(name, _)| name != "default");
        self.config.templates.insert(0, ("default".to_owned(), source.into()));
        self
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("vocabulary", &self.vocabulary())
            .field("specials", &self.specials)
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

/// The ids at which a turn ends, after a check that the vocabulary has them and the other tokens with a part to play.
fn ends(
    config: &TokenizerConfig,
    inner: &tokenizers::Tokenizer,
    size: usize,
    file: &Path,
) -> Result<Vec<u32>, TokenizerError> {
    let beside = |name: &str| file.with_file_name(name);
    let parts = [("eos_token", &config.eos), ("pad_token", &config.pad), ("bos_token", &config.bos)];
    let mut ends = Vec::new();
    for (place, token) in parts {
        let Some(token) = token else { continue };
        let id = inner.token_to_id(token).ok_or_else(|| TokenizerError::UnknownToken {
            file: beside("tokenizer_config.json"),
            place: place.to_owned(),
            token: token.clone(),
        })?;
        if place == "eos_token" {
            ends.push(id);
        }
    }
    for &id in &config.generation_ends {
        if inner.id_to_token(id).is_none() {
            let reason =
                format!("the vocabulary has {size} ids and none is {id}; the files belong to different models");
            let (file, place) = (beside("generation_config.json"), "eos_token_id".to_owned());
            return Err(TokenizerError::Malformed { file, place, reason });
        }
        if !ends.contains(&id) {
            ends.push(id);
        }
    }
    Ok(ends)
}

/// Whether some part of a pre-tokenizer puts a space before the text.
fn puts_space_first(part: Option<Value>) -> bool {
    match part {
        Some(Value::Object(fields)) => {
            fields.get("add_prefix_space") == Some(&Value::Bool(true))
                || fields.into_iter().any(|(_, value)| puts_space_first(Some(value)))
        }
        Some(Value::Array(items)) => items.into_iter().any(|item| puts_space_first(Some(item))),
        _ => false,
    }
}

fn check_white_space(text: &str) -> Result<(), TokenizerError> {
    let mut run = 0;
    for (at, c) in text.char_indices() {
        run = if c.is_whitespace() { run + 1 } else { 0 };
        if run > MOST_WHITE_SPACE {
            let before = text[..at].trim_end().len();
            return Err(TokenizerError::WhiteSpace { at: before, most: MOST_WHITE_SPACE });
        }
    }
    Ok(())
}

// Taken by value because that is what `map_err` hands over.
#[allow(clippy::needless_pass_by_value)]
fn cannot_encode(error: tokenizers::Error) -> TokenizerError {
    TokenizerError::Encode { reason: error.to_string() }
}
