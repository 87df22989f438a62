//! What the folder of a model says.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tokenizers::{Tokenizer, TruncationParams};

use super::network::Pooling;

/// The largest file of weights that is read, in bytes.
const LARGEST_WEIGHTS: u64 = 16 << 30;

/// What the folder of a model says.
#[derive(Debug)]
pub(super) struct Folder {
    /// The last part of its path.
    pub(super) name: String,
    pub(super) config: Vec<u8>,
    pub(super) tokenizer: Vec<u8>,
    pub(super) weights: Vec<u8>,
    pub(super) pooling: Pooling,
    pub(super) query_prefix: String,
    pub(super) passage_prefix: String,
    /// How many tokens of a text are read.
    pub(super) longest: usize,
    /// How many tokens the model can read.
    pub(super) longest_possible: usize,
}

impl Folder {
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let config = file(folder, "config.json")?;
        let known = json(folder, "config.json")?.unwrap_or_default();
        let places = known["max_position_embeddings"].as_u64().unwrap_or(512);
        // The first places of an XLM-RoBERTa stand for no token.
        let unused =
            if known["model_type"] == "xlm-roberta" { known["pad_token_id"].as_u64().unwrap_or(1) + 1 } else { 0 };
        let longest_possible = usize::try_from(places.saturating_sub(unused)).unwrap_or(usize::MAX).max(1);
        let sentence = json(folder, "sentence_bert_config.json")?.unwrap_or_default();
        let longest = sentence["max_seq_length"].as_u64().and_then(|longest| usize::try_from(longest).ok());
        let prompts = json(folder, "config_sentence_transformers.json")?.unwrap_or_default();
        let prompt = |names: &[&str]| {
            let found = names.iter().find_map(|name| prompts["prompts"][name].as_str());
            found.unwrap_or_default().to_owned()
        };
        check_modules(json(folder, "modules.json")?.as_ref())?;
        Ok(Self {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            config,
            tokenizer: file(folder, "tokenizer.json")?,
            weights: file(folder, "model.safetensors")?,
            pooling: pooling(json(folder, "1_Pooling/config.json")?)?,
            query_prefix: prompt(&["query"]),
            passage_prefix: prompt(&["passage", "document"]),
            longest: longest.unwrap_or(longest_possible),
            longest_possible,
        })
    }

    /// Splits texts into at most so many tokens.
    pub(super) fn tokenizer(&self, longest: usize) -> Result<Tokenizer, String> {
        let wrong = |error: tokenizers::Error| format!("tokenizer.json: {error}");
        let mut tokenizer = Tokenizer::from_bytes(&self.tokenizer).map_err(wrong)?;
        let marks = tokenizer
            .get_post_processor()
            .map_or(0, |processor| tokenizers::PostProcessor::added_tokens(processor, false));
        if longest <= marks {
            return Err(format!("a text of {longest} tokens has no room beside the {marks} that mark its ends"));
        }
        tokenizer.with_padding(None);
        let truncation = TruncationParams { max_length: longest, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(wrong)?;
        Ok(tokenizer)
    }
}

fn file(folder: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(name);
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    if fs::metadata(&path).map_err(failed)?.len() > LARGEST_WEIGHTS {
        return Err(format!("{} has more than {LARGEST_WEIGHTS} bytes", path.display()));
    }
    fs::read(&path).map_err(failed)
}

/// A file that may be missing.
fn json(folder: &Path, name: &str) -> Result<Option<Value>, String> {
    if !folder.join(name).exists() {
        return Ok(None);
    }
    serde_json::from_slice(&file(folder, name)?).map(Some).map_err(|error| format!("{name}: {error}"))
}

fn pooling(config: Option<Value>) -> Result<Pooling, String> {
    let Some(config) = config else { return Ok(Pooling::Mean) };
    let on: Vec<&str> = config
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| name.starts_with("pooling_mode_") && **value == true)
        .map(|(name, _)| name.as_str())
        .collect();
    match (on.as_slice(), config["pooling_mode"].as_str()) {
        (["pooling_mode_mean_tokens"], _) | ([], Some("mean")) => Ok(Pooling::Mean),
        (["pooling_mode_cls_token"], _) | ([], Some("cls")) => Ok(Pooling::First),
        (other, named) => Err(format!(
            "1_Pooling/config.json asks for {}; the mean of all tokens and the first one are known",
            named.map_or_else(|| format!("{other:?}"), str::to_owned)
        )),
    }
}

/// Whether the model is a network, its pooling and nothing else that changes vectors.
fn check_modules(modules: Option<&Value>) -> Result<(), String> {
    for module in modules.and_then(Value::as_array).into_iter().flatten() {
        let kind = module["type"].as_str().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        if !["Transformer", "Pooling", "Normalize"].contains(&kind) {
            return Err(format!("modules.json has a {kind:?}, which is not known"));
        }
    }
    Ok(())
}
