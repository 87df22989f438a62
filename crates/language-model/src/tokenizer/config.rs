//! What a folder says about its tokenizer beside the vocabulary: the tokens with a part to play, and the chat template.

use std::path::Path;

use serde_json::{Map, Value};

use super::TokenizerError;
use super::file::{json_of, text_of};

/// The most bytes that a file of settings may have.
const MOST: u64 = 16 << 20;

/// What a folder says about its tokenizer beside the vocabulary.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct TokenizerConfig {
    /// The token that ends a turn of the model, such as `<|im_end|>`.
    pub eos: Option<String>,
    /// The token that fills up what is shorter than the rest of a batch.
    pub pad: Option<String>,
    /// The token that a text begins with, for models that have one.
    pub bos: Option<String>,
    /// The token for what the vocabulary cannot say; byte-level ones need none.
    pub unk: Option<String>,
    /// The chat templates by name; the one that is used when none is named is called `default`.
    pub templates: Vec<(String, String)>,
    /// Further tokens at which generation ends, by id, as `generation_config.json` lists them.
    pub generation_ends: Vec<u32>,
    /// Every other field of `tokenizer_config.json`, kept as it was.
    pub other: Map<String, Value>,
}

impl TokenizerConfig {
    /// The chat template of a name.
    #[must_use]
    pub fn template(&self, name: &str) -> Option<&str> {
        self.templates.iter().find(|(key, _)| key == name).map(|(_, source)| source.as_str())
    }

    /// Reads `tokenizer_config.json`, `special_tokens_map.json`, `chat_template.jinja` and `generation_config.json`, as
    /// far as they are there.
    pub(super) fn load(folder: &Path) -> Result<Self, TokenizerError> {
        let mut config = Self::default();
        let tokens = folder.join("special_tokens_map.json");
        if let Some(fields) = json_of(&tokens, MOST)? {
            config.take_tokens(&tokens, &mut object(&tokens, fields)?)?;
        }
        let settings = folder.join("tokenizer_config.json");
        if let Some(fields) = json_of(&settings, MOST)? {
            let mut fields = object(&settings, fields)?;
            config.take_tokens(&settings, &mut fields)?;
            if let Some(template) = fields.remove("chat_template") {
                config.templates = templates(&settings, template)?;
            }
            config.other = fields;
        }
        if let Some(source) = text_of(&folder.join("chat_template.jinja"), MOST)? {
            config.templates.retain(|(name, _)| name != "default");
            config.templates.insert(0, ("default".to_owned(), source));
        }
        let generation = folder.join("generation_config.json");
        if let Some(fields) = json_of(&generation, MOST)? {
            config.generation_ends = ends(&generation, &object(&generation, fields)?)?;
        }
        Ok(config)
    }

    fn take_tokens(&mut self, file: &Path, fields: &mut Map<String, Value>) -> Result<(), TokenizerError> {
        let places = [
            ("eos_token", &mut self.eos),
            ("pad_token", &mut self.pad),
            ("bos_token", &mut self.bos),
            ("unk_token", &mut self.unk),
        ];
        for (key, place) in places {
            if let Some(found) = fields.remove(key) {
                *place = token(file, key, &found)?.or(place.take());
            }
        }
        Ok(())
    }

    /// `tokenizer_config.json` as `transformers` reads it. The chat template lies in a file of its own.
    pub(super) fn to_json(&self) -> Value {
        let mut fields = self.other.clone();
        // Any other class may put parts of its own in the place of those in tokenizer.json.
        fields.insert("tokenizer_class".to_owned(), "PreTrainedTokenizerFast".into());
        fields.entry("clean_up_tokenization_spaces").or_insert(Value::Bool(false));
        let tokens =
            [("bos_token", &self.bos), ("eos_token", &self.eos), ("pad_token", &self.pad), ("unk_token", &self.unk)];
        for (key, token) in tokens {
            fields.insert(key.to_owned(), token.clone().map_or(Value::Null, Value::from));
        }
        let named = self.templates.iter().filter(|(name, _)| name != "default");
        let named: Vec<Value> =
            named.map(|(name, source)| serde_json::json!({"name": name, "template": source})).collect();
        if !named.is_empty() {
            fields.insert("chat_template".to_owned(), Value::Array(named));
        }
        Value::Object(fields)
    }
}

fn object(file: &Path, value: Value) -> Result<Map<String, Value>, TokenizerError> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(malformed(file, "line 1", "it is to be an object")),
    }
}

/// A token is a text, or an object with the text and how it is to be matched.
fn token(file: &Path, key: &str, value: &Value) -> Result<Option<String>, TokenizerError> {
    match value {
        Value::Null => Ok(None),
        Value::String(token) => Ok(Some(token.clone())),
        Value::Object(fields) => match fields.get("content").and_then(Value::as_str) {
            Some(token) => Ok(Some(token.to_owned())),
            None => Err(malformed(file, key, "the token has no content")),
        },
        _ => Err(malformed(file, key, "a token is a text")),
    }
}

/// One template, or a list of those that have names.
fn templates(file: &Path, value: Value) -> Result<Vec<(String, String)>, TokenizerError> {
    let named = |entry: &Value| {
        let text = |key| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        text("name").zip(text("template"))
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(source) => Ok(vec![("default".to_owned(), source)]),
        Value::Array(entries) => entries
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let place = format!("chat_template[{at}]");
                named(entry).ok_or_else(|| malformed(file, &place, "it is to have a name and a template"))
            })
            .collect(),
        _ => Err(malformed(file, "chat_template", "it is to be a text or a list")),
    }
}

fn ends(file: &Path, fields: &Map<String, Value>) -> Result<Vec<u32>, TokenizerError> {
    let id = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
    let ids = match fields.get("eos_token_id") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(ids)) => ids.iter().map(id).collect(),
        Some(one) => id(one).map(|id| vec![id]),
    };
    ids.ok_or_else(|| malformed(file, "eos_token_id", "it is to be an id or a list of ids"))
}

pub(super) fn malformed(file: &Path, place: &str, reason: &str) -> TokenizerError {
    TokenizerError::Malformed { file: file.to_owned(), place: place.to_owned(), reason: reason.to_owned() }
}
