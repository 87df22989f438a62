//! Quantised models in GGUF files, for those who only generate.

mod metadata;
mod tokenizer;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_qwen3::ModelWeights;
use offseeker_chat::ChatError;

use super::backend::Backend;
use super::folder::renderer;
use super::{LocalError, LocalModel, LocalOptions, SamplingDefaults};
use crate::Renderer;
use metadata::Metadata;

/// Sequences that are over are kept for no more than so many: each has much memory of its own.
const KEPT: usize = 2;

impl LocalModel {
    /// Reads a GGUF file of a Qwen3, which runs quantised as it is. The tokenizer and the chat template are those in the
    /// file; where a folder is named, they are read from its `tokenizer.json` and what lies beside it.
    ///
    /// Sequences run one after the other within a step, and a prompt begins where an earlier sequence ended, if it goes
    /// on from there; parts of prompts are not shared. The numbers of a sequence depend on how its prompt was cut into
    /// pieces, so a seed promises the same reply only to a request that runs alone.
    ///
    /// # Errors
    ///
    /// When a file is missing, cut off, or of another kind of model, or when an option is no use.
    pub fn load_gguf(file: &Path, beside: Option<&Path>, options: LocalOptions) -> Result<Self, LocalError> {
        let wrong = |what: String| LocalError::Gguf { path: file.to_path_buf(), what };
        let mut reader = BufReader::new(File::open(file).map_err(|error| wrong(error.to_string()))?);
        let unread = |error: candle_core::Error| wrong(format!("is no whole GGUF file: {}", first_line(&error)));
        let mut content = Content::read(&mut reader).map_err(unread)?;
        let metadata = Metadata { path: file, fields: &content.metadata };
        let config = metadata.config()?;
        let (renderer, defaults) = match beside {
            Some(folder) => (renderer(folder)?, SamplingDefaults::read(folder)?),
            None => {
                let (tokenizer, template) = metadata.tokenizer()?;
                (Renderer::new(Arc::new(tokenizer), template)?, SamplingDefaults::default())
            }
        };
        let name = metadata.name();
        // Without this, the angles of positions are worked out in half precision.
        content.metadata.insert("general.dtype".to_owned(), Value::U32(0));
        let model = ModelWeights::from_gguf(content, &mut reader, &Device::Cpu).map_err(unread)?;
        let options = LocalOptions { defaults: options.defaults.or(defaults), ..options };
        let limits = options.limits(&config)?;
        Self::start(name, Gguf::new(model, config.vocab_size), renderer, limits, &options)
    }
}

/// What an error says without the places in the program that it came through.
fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// The quantised network of candle, with a copy of its own for the keys and values of each sequence.
struct Gguf {
    fresh: ModelWeights,
    vocabulary: usize,
    slots: Vec<Option<Slot>>,
    /// Those of removed sequences, to be used again.
    spare: Vec<ModelWeights>,
}

struct Slot {
    model: ModelWeights,
    length: usize,
    /// How many tokens came several at once. The network takes several only as long as none came alone.
    at_once: usize,
}

impl Gguf {
    fn new(fresh: ModelWeights, vocabulary: usize) -> Self {
        Self { fresh, vocabulary, slots: Vec::new(), spare: Vec::new() }
    }

    fn slot(&mut self, sequence: usize) -> Result<&mut Slot, ChatError> {
        let slot = self.slots.get_mut(sequence).and_then(Option::as_mut);
        slot.ok_or_else(|| ChatError::broken(format!("there is no sequence {sequence}")))
    }
}

// Taken by value because that is what `map_err` hands over.
#[allow(clippy::needless_pass_by_value)]
fn broken(error: candle_core::Error) -> ChatError {
    ChatError::broken(first_line(&error))
}

impl Slot {
    /// The logits after the last of some tokens.
    fn run(&mut self, tokens: &[u32]) -> Result<Vec<f32>, ChatError> {
        if tokens.len() > 1 && self.at_once == self.length {
            self.at_once += tokens.len();
            return self.forward(tokens).map_err(broken);
        }
        let mut logits = Vec::new();
        for token in tokens {
            logits = self.forward(&[*token]).map_err(broken)?;
        }
        Ok(logits)
    }

    fn forward(&mut self, tokens: &[u32]) -> candle_core::Result<Vec<f32>> {
        let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        let logits = self.model.forward(&input, self.length)?;
        self.length += tokens.len();
        logits.flatten_all()?.to_vec1()
    }
}

impl Backend for Gguf {
    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    fn forks(&self) -> bool {
        false
    }

    fn most_kept(&self) -> usize {
        KEPT
    }

    fn add(&mut self, _capacity: usize) -> Result<usize, ChatError> {
        let model = self.spare.pop().unwrap_or_else(|| self.fresh.clone());
        let slot = Some(Slot { model, length: 0, at_once: 0 });
        if let Some(free) = self.slots.iter().position(Option::is_none) {
            self.slots[free] = slot;
            return Ok(free);
        }
        self.slots.push(slot);
        Ok(self.slots.len() - 1)
    }

    fn fork(&mut self, _from: usize, _length: usize, _capacity: usize) -> Result<usize, ChatError> {
        Err(ChatError::broken("a quantised sequence cannot begin with a part of another"))
    }

    fn cut(&mut self, sequence: usize, length: usize, _capacity: usize) -> Result<(), ChatError> {
        let slot = self.slot(sequence)?;
        if length == slot.length {
            return Ok(());
        }
        let what = format!("a quantised sequence of {} tokens cannot be cut to {length}", slot.length);
        Err(ChatError::broken(what))
    }

    fn remove(&mut self, sequence: usize) -> Result<(), ChatError> {
        self.slot(sequence)?;
        if let Some(mut slot) = self.slots[sequence].take()
            && self.spare.len() < KEPT
        {
            slot.model.clear_kv_cache();
            self.spare.push(slot.model);
        }
        Ok(())
    }

    fn extend(&mut self, parts: &[(usize, &[u32])], wanted: &[bool]) -> Result<Vec<f32>, ChatError> {
        let mut logits = Vec::new();
        for ((sequence, tokens), wanted) in parts.iter().zip(wanted) {
            let of_part = self.slot(*sequence)?.run(tokens)?;
            if *wanted {
                logits.extend(of_part);
            }
        }
        Ok(logits)
    }

    fn clear(&mut self) -> Result<(), ChatError> {
        (self.slots, self.spare) = (Vec::new(), Vec::new());
        Ok(())
    }
}
