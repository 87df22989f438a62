//! A tokenizer's files in a model's folder.

use std::path::Path;

use super::file::{parse, text_of};
use super::{Tokenizer, TokenizerConfig, TokenizerError};

/// The most bytes that `tokenizer.json` may have; those of the largest vocabularies have some 20 million.
const MOST: u64 = 256 << 20;

impl Tokenizer {
    /// Reads `tokenizer.json` and what lies beside it: `tokenizer_config.json`, `special_tokens_map.json`,
    /// `chat_template.jinja` and `generation_config.json`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, is not what it should be, or does not fit the others.
    pub fn load(folder: &Path) -> Result<Self, TokenizerError> {
        let file = folder.join("tokenizer.json");
        let missing = || TokenizerError::Read { file: file.clone(), source: std::io::ErrorKind::NotFound.into() };
        let text = text_of(&file, MOST)?.ok_or_else(missing)?;
        let inner = tokenizers::Tokenizer::from_bytes(&text).map_err(|error| {
            // Read once more, only to say where it breaks off.
            parse(&file, &text).err().unwrap_or_else(|| TokenizerError::Malformed {
                file: file.clone(),
                place: "the tokenizer".to_owned(),
                reason: error.to_string(),
            })
        })?;
        Self::new(inner, TokenizerConfig::load(folder)?, &file)
    }

    /// Reads the text of a `tokenizer.json` and the fields of a `tokenizer_config.json`, both from another file.
    #[cfg(feature = "gguf")]
    pub(crate) fn from_parts(
        tokenizer: &[u8],
        config: &serde_json::Value,
        template: Option<&str>,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
        let inner = tokenizers::Tokenizer::from_bytes(tokenizer).map_err(|error| TokenizerError::Malformed {
            file: file.to_owned(),
            place: "the tokenizer".to_owned(),
            reason: error.to_string(),
        })?;
        let token = |field: &str| config[field].as_str().map(str::to_owned);
        let templates = template.map(|source| ("default".to_owned(), source.to_owned()));
        let config = TokenizerConfig {
            eos: token("eos_token"),
            pad: token("pad_token"),
            templates: templates.into_iter().collect(),
            ..TokenizerConfig::default()
        };
        Self::new(inner, config, file)
    }

    /// Writes the tokenizer so that `transformers.AutoTokenizer` reads it: `tokenizer.json`, `tokenizer_config.json`
    /// and, where there is a template, `chat_template.jinja`. Each file is there whole or not at all, and
    /// `tokenizer.json`, without which nothing is read, comes last.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), TokenizerError> {
        let write = |name: &str, text: String| {
            let file = folder.join(name);
            let failed = |source| TokenizerError::Write { file: file.clone(), source };
            offseeker_durable::write(&file, text.as_bytes()).map_err(failed)
        };
        std::fs::create_dir_all(folder).map_err(|source| TokenizerError::Write { file: folder.to_owned(), source })?;
        if let Some(template) = self.config.template("default") {
            write("chat_template.jinja", template.to_owned())?;
        }
        let mut settings = serde_json::to_string_pretty(&self.config.to_json()).expect("JSON values can be written");
        settings.push('\n');
        write("tokenizer_config.json", settings)?;
        let vocabulary =
            self.markup.to_string(true).map_err(|error| TokenizerError::Encode { reason: error.to_string() })?;
        write("tokenizer.json", vocabulary)
    }
}
