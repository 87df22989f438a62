//! Models in folders: how they are made, read and asked.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use offseeker_agent_loop::Protocol;
use offseeker_chat::dialect::Dialect;
use offseeker_language_model::{
    BytePairTraining, ChatTemplate, Config as Shape, Cuts, LocalModel, LocalOptions, Part, Place, Precision, Renderer,
    Tokenizer, Weights,
};
use serde_json::Value;

use crate::PipelineError;
use crate::config::FreshStudent;

/// How much memory keys and values of a model take that makes attempts.
const CACHE_BYTES: usize = 384 << 20;
/// The most bytes of weights in one file.
const SHARD: u64 = 5 << 30;
/// The marks of the brief template.
const MARKS: [&str; 4] = ["<|endoftext|>", "<|user|>", "<|assistant|>", "<|im_end|>"];

/// A small tokenizer, made of texts: names are cut at their capitals, and the tags of the dialect are tokens.
///
/// # Errors
///
/// When the vocabulary is too small.
pub fn tokenizer(
    vocabulary: usize,
    dialect: &Dialect,
    texts: impl IntoIterator<Item = String, IntoIter: Send>,
) -> Result<Tokenizer, PipelineError> {
    let training = BytePairTraining {
        cuts: Cuts::Capitals,
        specials: MARKS.map(str::to_owned).to_vec(),
        markup: markup(dialect),
        ..BytePairTraining::new(vocabulary)
    };
    Ok(training.train(texts)?.with_template(ChatTemplate::brief().source()))
}

/// The tags of a dialect.
fn markup(dialect: &Dialect) -> Vec<String> {
    let mut tags = BTreeSet::new();
    collect(&serde_json::to_value(dialect).expect("a dialect is made of texts"), &mut tags);
    tags.into_iter().collect()
}

fn collect(value: &Value, tags: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() > 2 && text.starts_with('<') && text.ends_with('>') => {
            tags.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, tags)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, tags)),
        _ => {}
    }
}

/// Fresh weights of a small network: what leads back into the stream is nought, so that each layer begins as nothing, and
/// the embedding is wide. Copying is learnt several times sooner so.
///
/// # Errors
///
/// When there is no such network.
pub fn fresh_weights(config: &FreshStudent, vocabulary: usize) -> Result<Weights, PipelineError> {
    let shape = Shape {
        head_dim: config.head_dim,
        initializer_range: 1.0 / (config.width as f64).sqrt(),
        ..Shape::small(vocabulary, config.width, config.layers, config.heads)
    };
    let mut weights = Weights::from_seed(&shape, config.seed)?;
    for layer in 0..config.layers {
        for part in [Part::Output, Part::Down] {
            weights.tensor_mut(Place::Layer(layer, part)).fill(0.0);
        }
    }
    Ok(weights)
}

/// Writes a model into a folder: beside its place first, so that what is there is whole.
///
/// # Errors
///
/// When the system refuses.
pub fn save(weights: &Weights, tokenizer: &Tokenizer, folder: &Path) -> Result<(), PipelineError> {
    if folder.join("config.json").exists() {
        return Ok(());
    }
    let draft = folder.with_extension("draft");
    for old in [&draft, &folder.to_owned()] {
        if old.exists() {
            fs::remove_dir_all(old).map_err(PipelineError::io(old))?;
        }
    }
    weights.write(&draft, Precision::F32, SHARD)?;
    tokenizer.save(&draft)?;
    fs::rename(&draft, folder).map_err(PipelineError::io(folder))?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    offseeker_durable::sync_folder(parent).map_err(PipelineError::io(parent))
}

/// The dialect of a protocol.
///
/// # Errors
///
/// When it is not shipped.
pub fn dialect(protocol: &str) -> Result<&'static Dialect, PipelineError> {
    let shipped = Protocol::shipped(protocol).and_then(|protocol| Dialect::shipped(&protocol.dialect));
    shipped
        .ok_or_else(|| PipelineError::Value { field: "agent.protocol", what: format!("{protocol:?} is not shipped") })
}

/// What turns dialogues into the tokens of a model in a folder.
///
/// # Errors
///
/// When the folder has no tokenizer, or no template that can be used.
pub fn renderer(folder: &Path, protocol: &str) -> Result<Renderer, PipelineError> {
    let tokenizer = Tokenizer::load(folder)?;
    let template = ChatTemplate::of(&tokenizer, "default").unwrap_or_else(|_| ChatTemplate::qwen());
    Ok(Renderer::new(Arc::new(tokenizer), template)?.speaking(dialect(protocol)?.clone()))
}

/// A model in a folder, ready to be asked.
///
/// # Errors
///
/// When the folder has none.
pub fn local(name: &str, folder: &Path, protocol: &str, window: u64) -> Result<LocalModel, PipelineError> {
    let weights = Weights::read(folder)?;
    let shape = weights.config();
    let of_token = 2 * 4 * shape.num_hidden_layers * shape.num_key_value_heads * shape.head_dim;
    let window = usize::try_from(window).unwrap_or(usize::MAX);
    let options = LocalOptions {
        context: Some(window.min(shape.max_position_embeddings)),
        cache_tokens: Some((CACHE_BYTES / of_token.max(1)).max(2 * window)),
        ..LocalOptions::default()
    };
    Ok(LocalModel::new(name, Arc::new(weights), None, renderer(folder, protocol)?, options)?)
}

/// Where the model of a training is, whole: with the adapter in it, where one learnt.
#[must_use]
pub fn trained(training: &Path) -> PathBuf {
    let whole = training.join("whole");
    if whole.exists() { whole } else { training.join("model") }
}
