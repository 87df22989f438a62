//! The shape of a Qwen3 network, as `config.json` of a Hugging Face folder says it.

pub(crate) mod fields;
mod yarn;

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::NetworkError;
use fields::Fields;
pub use yarn::Yarn;

/// The name of the file in a folder.
pub(crate) const FILE: &str = "config.json";
/// No file of JSON in a folder is longer; an index of shards may be some megabytes.
const MOST_BYTES: u64 = 64 << 20;

/// The shape of a dense Qwen3 network. The fields are called as in `config.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// How many tokens there are.
    pub vocab_size: usize,
    /// The width of the residual stream.
    pub hidden_size: usize,
    /// The width inside the feed-forward part.
    pub intermediate_size: usize,
    /// How many layers there are.
    pub num_hidden_layers: usize,
    /// How many heads ask.
    pub num_attention_heads: usize,
    /// How many heads answer; each is shared by as many that ask.
    pub num_key_value_heads: usize,
    /// The width of a head.
    pub head_dim: usize,
    /// How many positions the network was made for. Longer inputs run, without a promise.
    pub max_position_embeddings: usize,
    /// What is added to a mean square before its root is taken.
    pub rms_norm_eps: f64,
    /// The base of the rotary angles.
    pub rope_theta: f64,
    /// How angles are stretched for more positions; not at all where it is none.
    pub yarn: Option<Yarn>,
    /// Whether the embedding of tokens is the matrix of the head too.
    pub tie_word_embeddings: bool,
    /// How far apart weights are drawn that are made from scratch.
    pub initializer_range: f64,
    /// What else the file says, written back as it was: ids of special tokens and the like.
    pub other: Map<String, Value>,
}

impl Config {
    /// A small shape: heads 32 wide, two asking heads to an answering one where their number is even, a feed-forward
    /// part three times as wide as the stream, the head tied to the embedding.
    #[must_use]
    pub fn small(vocab_size: usize, hidden_size: usize, num_hidden_layers: usize, num_attention_heads: usize) -> Self {
        let shared = num_attention_heads > 1 && num_attention_heads.is_multiple_of(2);
        Self {
            vocab_size,
            hidden_size,
            intermediate_size: hidden_size * 3,
            num_hidden_layers,
            num_attention_heads,
            num_key_value_heads: if shared { num_attention_heads / 2 } else { num_attention_heads },
            head_dim: 32,
            max_position_embeddings: 4096,
            rms_norm_eps: 1e-6,
            rope_theta: 1e6,
            yarn: None,
            tie_word_embeddings: true,
            initializer_range: 0.02,
            other: Map::new(),
        }
    }

    /// The shape of a published network: `Qwen3-0.6B`, `Qwen3-1.7B`, `Qwen3-4B` or `Qwen3-8B`.
    #[must_use]
    pub fn published(name: &str) -> Option<Self> {
        let (hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, tie_word_embeddings) = match name {
            "Qwen3-0.6B" => (1024, 3072, 28, 16, true),
            "Qwen3-1.7B" => (2048, 6144, 28, 16, true),
            "Qwen3-4B" => (2560, 9728, 36, 32, true),
            "Qwen3-8B" => (4096, 12288, 36, 32, false),
            _ => return None,
        };
        Some(Self {
            intermediate_size,
            num_key_value_heads: 8,
            head_dim: 128,
            max_position_embeddings: 40960,
            tie_word_embeddings,
            ..Self::small(151_936, hidden_size, num_hidden_layers, num_attention_heads)
        })
    }

    /// Reads the `config.json` of a folder.
    ///
    /// # Errors
    ///
    /// When it is not there, is no JSON, or says what no network here has.
    pub fn read(folder: &Path) -> Result<Self, NetworkError> {
        Self::from_json(&read_json(&folder.join(FILE))?)
    }

    /// Reads what a `config.json` says.
    ///
    /// # Errors
    ///
    /// When a field is missing, or has a value that no network here has.
    pub fn from_json(value: &Value) -> Result<Self, NetworkError> {
        let mut fields = Fields::of(value)?;
        fields.only("model_type", &["qwen3"])?;
        fields.only("hidden_act", &["silu"])?;
        fields.never("attention_bias")?;
        fields.never("use_sliding_window")?;
        let num_attention_heads = fields.count("num_attention_heads")?;
        let hidden_size = fields.count("hidden_size")?;
        let max_position_embeddings = fields.count_or("max_position_embeddings", 32_768)?;
        let (rope_theta, yarn) = yarn::take(&mut fields, max_position_embeddings)?;
        let config = Self {
            vocab_size: fields.count("vocab_size")?,
            hidden_size,
            intermediate_size: fields.count("intermediate_size")?,
            num_hidden_layers: fields.count("num_hidden_layers")?,
            num_attention_heads,
            num_key_value_heads: fields.count_or("num_key_value_heads", num_attention_heads)?,
            head_dim: fields.count_or("head_dim", 128)?,
            max_position_embeddings,
            rms_norm_eps: fields.number_or("rms_norm_eps", 1e-6)?,
            rope_theta,
            yarn,
            tie_word_embeddings: fields.flag_or("tie_word_embeddings", false)?,
            initializer_range: fields.number_or("initializer_range", 0.02)?,
            other: fields.rest(),
        };
        config.check()?;
        Ok(config)
    }

    /// Says whether there is a network of this shape.
    ///
    /// # Errors
    ///
    /// The first field that has a value which no network here has.
    pub fn check(&self) -> Result<(), NetworkError> {
        let counts = [
            ("vocab_size", self.vocab_size, 1 << 24),
            ("hidden_size", self.hidden_size, 1 << 18),
            ("intermediate_size", self.intermediate_size, 1 << 20),
            ("num_hidden_layers", self.num_hidden_layers, 1 << 10),
            ("num_attention_heads", self.num_attention_heads, 1 << 10),
            ("num_key_value_heads", self.num_key_value_heads, 1 << 10),
            ("head_dim", self.head_dim, 1 << 12),
            ("max_position_embeddings", self.max_position_embeddings, 1 << 28),
        ];
        for (field, count, most) in counts {
            if count == 0 || count > most {
                return Err(NetworkError::field(field, format!("is {count}; it is between 1 and {most}")));
            }
        }
        if !self.num_attention_heads.is_multiple_of(self.num_key_value_heads) {
            let what = format!(
                "is {}, which does not divide num_attention_heads, {}",
                self.num_key_value_heads, self.num_attention_heads
            );
            return Err(NetworkError::field("num_key_value_heads", what));
        }
        if !self.head_dim.is_multiple_of(2) {
            return Err(NetworkError::field("head_dim", format!("is {}; it is even", self.head_dim)));
        }
        above("rms_norm_eps", self.rms_norm_eps, 0.0)?;
        above("rope_theta", self.rope_theta, 1.0)?;
        above("initializer_range", self.initializer_range, 0.0)?;
        self.yarn.as_ref().map_or(Ok(()), Yarn::check)
    }

    /// What a `config.json` says of this shape.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut file = Map::new();
        let mut say = |field: &str, value: Value| file.insert(field.to_owned(), value);
        say("architectures", json!(["Qwen3ForCausalLM"]));
        say("model_type", json!("qwen3"));
        say("vocab_size", json!(self.vocab_size));
        say("hidden_size", json!(self.hidden_size));
        say("intermediate_size", json!(self.intermediate_size));
        say("num_hidden_layers", json!(self.num_hidden_layers));
        say("num_attention_heads", json!(self.num_attention_heads));
        say("num_key_value_heads", json!(self.num_key_value_heads));
        say("head_dim", json!(self.head_dim));
        say("hidden_act", json!("silu"));
        say("max_position_embeddings", json!(self.max_position_embeddings));
        say("rms_norm_eps", json!(self.rms_norm_eps));
        say("rope_theta", json!(self.rope_theta));
        say("rope_scaling", self.yarn.as_ref().map_or(Value::Null, Yarn::to_json));
        say("tie_word_embeddings", json!(self.tie_word_embeddings));
        say("initializer_range", json!(self.initializer_range));
        say("attention_bias", json!(false));
        say("use_sliding_window", json!(false));
        for (field, value) in &self.other {
            file.entry(field).or_insert_with(|| value.clone());
        }
        Value::Object(file)
    }
}

pub(crate) fn above(field: &str, number: f64, least: f64) -> Result<(), NetworkError> {
    if number.is_finite() && number > least {
        return Ok(());
    }
    Err(NetworkError::field(field, format!("is {number}; it is above {least}")))
}

/// Reads a small file of JSON.
pub(crate) fn read_json(path: &Path) -> Result<Value, NetworkError> {
    let length = std::fs::metadata(path).map_err(|error| NetworkError::io(path, error))?.len();
    if length > MOST_BYTES {
        return Err(NetworkError::damaged(path, format!("has {length} bytes, more than any such file")));
    }
    let text = std::fs::read(path).map_err(|error| NetworkError::io(path, error))?;
    serde_json::from_slice(&text).map_err(|error| NetworkError::damaged(path, format!("is no JSON: {error}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
