//! What a GGUF file says of its model.

use std::collections::HashMap;
use std::path::Path;

use candle_core::quantized::gguf_file::Value;

use super::super::LocalError;
use crate::Config;

/// What a GGUF file says of its model.
pub(super) struct Metadata<'a> {
    pub(super) path: &'a Path,
    pub(super) fields: &'a HashMap<String, Value>,
}

impl Metadata<'_> {
    /// The shape of the network.
    pub(super) fn config(&self) -> Result<Config, LocalError> {
        let architecture = self.text("general.architecture")?;
        if architecture != Some("qwen3") {
            let what = format!("is {architecture:?}; it is \"qwen3\", and no other is known here");
            return Err(self.wrong("general.architecture", what));
        }
        let tokens = self.list("tokenizer.ggml.tokens")?;
        let small = Config::small(1, self.count("qwen3.embedding_length")?, self.count("qwen3.block_count")?, 1);
        let config = Config {
            vocab_size: match tokens {
                Some(tokens) => tokens.len(),
                None => self.count("qwen3.vocab_size")?,
            },
            intermediate_size: self.count("qwen3.feed_forward_length")?,
            num_attention_heads: self.count("qwen3.attention.head_count")?,
            num_key_value_heads: self.count("qwen3.attention.head_count_kv")?,
            head_dim: self.count("qwen3.attention.key_length")?,
            max_position_embeddings: self.count("qwen3.context_length")?,
            ..small
        };
        config.check()?;
        Ok(config)
    }

    /// What the model is called.
    pub(super) fn name(&self) -> String {
        let file = || self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let named = self.text("general.name").ok().flatten().filter(|name| !name.is_empty()).map(str::to_owned);
        named.or_else(file).unwrap_or_else(|| "gguf".to_owned())
    }

    pub(super) fn wrong(&self, field: &str, what: String) -> LocalError {
        LocalError::Field { path: self.path.to_path_buf(), field: field.to_owned(), what }
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<&str>, LocalError> {
        match self.fields.get(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(field, "is no text".to_owned())),
        }
    }

    pub(super) fn list(&self, field: &str) -> Result<Option<&[Value]>, LocalError> {
        match self.fields.get(field) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(self.wrong(field, "is no list".to_owned())),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<&str>, LocalError> {
        let values = self.list(field)?.ok_or_else(|| self.wrong(field, "is missing".to_owned()))?;
        let read = values.iter().map(|value| match value {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        });
        let read: Option<Vec<_>> = read.collect();
        read.ok_or_else(|| self.wrong(field, "holds what is no text".to_owned()))
    }

    /// A number that may be missing.
    pub(super) fn number(&self, field: &str) -> Result<Option<u64>, LocalError> {
        self.fields
            .get(field)
            .map(|value| whole(value).ok_or_else(|| self.wrong(field, "is no whole number".to_owned())))
            .transpose()
    }

    fn count(&self, field: &str) -> Result<usize, LocalError> {
        let number = self.number(field)?.ok_or_else(|| self.wrong(field, "is missing".to_owned()))?;
        usize::try_from(number).map_err(|_| self.wrong(field, format!("is {number}, too large")))
    }
}

/// A whole number, however wide it is written.
pub(super) fn whole(value: &Value) -> Option<u64> {
    match *value {
        Value::U8(number) => Some(number.into()),
        Value::U16(number) => Some(number.into()),
        Value::U32(number) => Some(number.into()),
        Value::U64(number) => Some(number),
        Value::I8(number) => number.try_into().ok(),
        Value::I16(number) => number.try_into().ok(),
        Value::I32(number) => number.try_into().ok(),
        Value::I64(number) => number.try_into().ok(),
        _ => None,
    }
}
