//! Models from Hugging Face folders.

use std::path::Path;
use std::sync::Arc;

use super::{LocalError, LocalModel, LocalOptions, SamplingDefaults};
use crate::{Adapter, ChatTemplate, Renderer, Tokenizer, Weights};

impl LocalModel {
    /// Reads a Hugging Face folder: `config.json`, the weights in safetensors, `tokenizer.json`, and as far as they are
    /// there `tokenizer_config.json`, `chat_template.jinja` and `generation_config.json`. The template of the crate is
    /// taken where the folder has none. The model is called as the folder is.
    ///
    /// # Errors
    ///
    /// When a file is missing or no use, or the files belong to different models.
    pub fn load(folder: &Path, options: LocalOptions) -> Result<Self, LocalError> {
        Self::load_with(folder, None, options)
    }

    /// The same with an adapter: a PEFT folder.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_with(folder: &Path, adapter: Option<&Path>, options: LocalOptions) -> Result<Self, LocalError> {
        // The small files first, so that what is wrong with them is said at once.
        let defaults = options.defaults.or(SamplingDefaults::read(folder)?);
        let renderer = renderer(folder)?;
        let weights = Weights::read(folder)?;
        let adapter = adapter.map(|folder| Adapter::read(folder, weights.config())).transpose()?;
        let whole = std::path::absolute(folder)?;
        let name = whole.file_name().map_or_else(|| "local".to_owned(), |name| name.to_string_lossy().into_owned());
        let options = LocalOptions { defaults, ..options };
        Self::new(name, Arc::new(weights), adapter.map(Arc::new), renderer, options)
    }
}

/// The tokenizer of a folder with its template, or with that of the crate.
pub(super) fn renderer(folder: &Path) -> Result<Renderer, LocalError> {
    let tokenizer = Tokenizer::load(folder)?;
    let template = match tokenizer.config().template("default") {
        Some(_) => ChatTemplate::of(&tokenizer, "default")?,
        None => ChatTemplate::qwen(),
    };
    Ok(Renderer::new(Arc::new(tokenizer), template)?)
}
