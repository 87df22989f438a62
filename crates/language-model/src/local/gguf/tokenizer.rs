//! The tokenizer and the chat template in a GGUF file.

use candle_core::quantized::gguf_file::Value;
use serde_json::{Map, json};

use super::super::LocalError;
use super::metadata::{Metadata, whole};
use crate::tokenizer::CUTS;
use crate::{ChatTemplate, Tokenizer};

/// How llama.cpp numbers the kinds of tokens.
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;

impl Metadata<'_> {
    /// The tokenizer and the chat template of the file; the template of the crate where it has none.
    pub(super) fn tokenizer(&self) -> Result<(Tokenizer, ChatTemplate), LocalError> {
        self.only("tokenizer.ggml.model", "gpt2")?;
        self.only("tokenizer.ggml.pre", "qwen2")?;
        let tokens = self.texts("tokenizer.ggml.tokens")?;
        let merges = self.texts("tokenizer.ggml.merges")?;
        let kinds = self.list("tokenizer.ggml.token_type")?.unwrap_or_default();
        let named = |field: &str| -> Result<Option<&str>, LocalError> {
            let Some(id) = self.number(field)? else { return Ok(None) };
            let token = usize::try_from(id).ok().and_then(|id| tokens.get(id).copied());
            token.map(Some).ok_or_else(|| self.wrong(field, format!("is {id}; there are {} tokens", tokens.len())))
        };
        let config = json!({
            "eos_token": named("tokenizer.ggml.eos_token_id")?,
            "pad_token": named("tokenizer.ggml.padding_token_id")?,
        });
        let template = self.text("tokenizer.chat_template")?;
        let whole = written(&tokens, &merges, kinds).to_string();
        let tokenizer = Tokenizer::from_parts(whole.as_bytes(), &config, template, self.path)?;
        let template = match template {
            Some(_) => ChatTemplate::of(&tokenizer, "default")?,
            None => ChatTemplate::qwen(),
        };
        Ok((tokenizer, template))
    }

    fn only(&self, field: &str, known: &str) -> Result<(), LocalError> {
        match self.text(field)? {
            Some(said) if said == known => Ok(()),
            said => {
                let what = format!("is {said:?}; it is {known:?}, or name a folder with a tokenizer.json");
                Err(self.wrong(field, what))
            }
        }
    }
}

/// A `tokenizer.json` with these tokens, cut as Qwen's is.
fn written(tokens: &[&str], merges: &[&str], kinds: &[Value]) -> serde_json::Value {
    let vocabulary: Map<String, serde_json::Value> =
        tokens.iter().enumerate().map(|(id, token)| ((*token).to_owned(), id.into())).collect();
    let kind = |id: usize| kinds.get(id).and_then(whole);
    let added = tokens.iter().enumerate().filter(|(id, _)| matches!(kind(*id), Some(CONTROL | USER_DEFINED)));
    let added = added.map(|(id, token)| {
        json!({
            "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": kind(id) == Some(CONTROL),
        })
    });
    let bytes = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false});
    json!({
        "version": "1.0",
        "added_tokens": added.collect::<Vec<_>>(),
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": CUTS}, "behavior": "Isolated", "invert": false},
            &bytes,
        ]},
        "post_processor": &bytes,
        "decoder": &bytes,
        "model": {
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", "end_of_word_suffix": "",
            "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocabulary, "merges": merges,
        },
    })
}
