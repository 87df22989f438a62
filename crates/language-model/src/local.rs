//! A model that runs here and answers as a [`ChatModel`].

mod backend;
mod engine;
mod error;
mod folder;
mod generation_config;
#[cfg(feature = "gguf")]
mod gguf;
mod kept;
mod load;
mod options;
mod sequence;
mod stream;

use std::fmt;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use offseeker_chat::{ChatError, ChatModel, Prompt, Reply, Request, Sampling};
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

use backend::{Backend, Own};
use engine::Engine;
pub use error::LocalError;
pub use load::Load;
use options::Limits;
pub use options::{LocalOptions, SamplingDefaults};
use sequence::{Job, Place};
pub use stream::{Piece, ReplyStream};

use crate::{Adapter, Renderer, Weights};

/// When a request that found the queue full may come again.
const COME_BACK: Duration = Duration::from_secs(1);

/// A model that runs here.
///
/// One thread owns the network. Requests that come while it works join between two steps and run side by side; long
/// prompts go in pieces, so that the others go on. The keys and values of finished sequences stay as far as there is
/// room, and a prompt that begins as one of them, or as one that runs, begins where the two part.
///
/// A request with a seed has the same reply to the bit whatever runs beside it and whatever is kept, on the same machine.
/// Dropping the future of a reply removes its sequence at the next step. Dropping the model ends the thread, and gives
/// up what is under way.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_chat::{ChatModel, Request, Sampling};
/// use offseeker_language_model::{BytePairTraining, ChatTemplate, Config, LocalModel, LocalOptions, Renderer, Weights};
/// use offseeker_trajectory::Message;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tokenizer = Arc::new(BytePairTraining::new(300).train(["the Karlin mill on the Orsa"])?);
/// let weights = Weights::from_seed(&Config::small(tokenizer.vocabulary(), 32, 1, 2), 1)?;
/// let renderer = Renderer::new(tokenizer, ChatTemplate::qwen())?;
/// let model = LocalModel::new("untrained", Arc::new(weights), None, renderer, LocalOptions::default())?;
///
/// let sampling = Sampling { seed: Some(7), max_tokens: Some(8), ..Sampling::default() };
/// let asked = [Message::user("Which river?")];
/// let request = Request::new(&asked).sampling(&sampling);
/// let (one, other) = tokio::join!(model.reply(request), model.reply(request));
/// assert_eq!(one?.message, other?.message);
/// # Ok(())
/// # }
/// ```
pub struct LocalModel {
    name: String,
    renderer: Renderer,
    limits: Limits,
    defaults: SamplingDefaults,
    queue: usize,
    queued: Arc<AtomicUsize>,
    jobs: Mutex<Sender<Job>>,
    load: Arc<Mutex<Load>>,
}

impl LocalModel {
    /// A model of these weights: those of a folder, or a snapshot of a training.
    ///
    /// # Errors
    ///
    /// When the parts belong to different models, an option is no use, or the system gives no thread.
    pub fn new(
        name: impl Into<String>,
        weights: Arc<Weights>,
        adapter: Option<Arc<Adapter>>,
        renderer: Renderer,
        options: LocalOptions,
    ) -> Result<Self, LocalError> {
        let limits = options.limits(weights.config())?;
        Self::start(name.into(), Own::new(weights, adapter)?, renderer, limits, &options)
    }

    fn start(
        name: String,
        backend: impl Backend + 'static,
        renderer: Renderer,
        limits: Limits,
        options: &LocalOptions,
    ) -> Result<Self, LocalError> {
        let (tokenizer, network) = (renderer.tokenizer().vocabulary(), backend.vocabulary());
        if tokenizer > network {
            return Err(LocalError::Vocabulary { tokenizer, network });
        }
        let (jobs, asked) = std::sync::mpsc::channel();
        let load = Arc::new(Mutex::new(Load::default()));
        let (shared, told) = (renderer.shared_tokenizer(), load.clone());
        std::thread::Builder::new()
            .name("language-model".to_owned())
            .spawn(move || Engine::new(backend, &shared, limits, asked, told).run())?;
        let (queue, defaults) = (options.queue, options.defaults);
        Ok(Self { name, renderer, limits, defaults, queue, queued: Arc::default(), jobs: Mutex::new(jobs), load })
    }

    /// What turns messages into its prompts.
    #[must_use]
    pub fn renderer(&self) -> &Renderer {
        &self.renderer
    }

    /// The most tokens of a prompt and its reply together.
    #[must_use]
    pub fn context(&self) -> usize {
        self.limits.context
    }

    /// What it is doing, as of the last step.
    #[must_use]
    pub fn load_now(&self) -> Load {
        *self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Continues a conversation token by token.
    ///
    /// # Errors
    ///
    /// When the request is wrong, does not fit, or finds the queue full.
    pub fn stream(&self, request: Request<'_>) -> Result<ReplyStream, ChatError> {
        if request.messages.is_empty() {
            return Err(ChatError::invalid("there is no message to reply to"));
        }
        let invalid = |error: crate::DialogueError| ChatError::invalid(error.to_string());
        let prompt = match variables(request.sampling)? {
            None => self.renderer.prompt(request.messages, request.tools),
            Some(variables) => self.renderer.with_variables(variables).prompt(request.messages, request.tools),
        };
        self.ask(prompt.map_err(invalid)?, request.sampling, request.session)
    }

    /// Continues a prompt token by token. The spelling of a special token in a text is that token.
    ///
    /// # Errors
    ///
    /// As [`stream`](Self::stream).
    pub fn stream_prompt(
        &self,
        prompt: &Prompt,
        sampling: &Sampling,
        session: Option<&str>,
    ) -> Result<ReplyStream, ChatError> {
        let tokens = match prompt {
            Prompt::Tokens(tokens) => tokens.clone(),
            Prompt::Text(text) => {
                let encoded = self.renderer.tokenizer().encode_markup(text);
                encoded.map_err(|error| ChatError::invalid(error.to_string()))?
            }
        };
        self.ask(tokens, sampling, session)
    }

    /// Continues a prompt.
    ///
    /// # Errors
    ///
    /// As [`ChatModel::reply`].
    pub async fn complete(&self, prompt: &Prompt, sampling: &Sampling) -> Result<Reply, ChatError> {
        self.stream_prompt(prompt, sampling, None)?.reply().await
    }

    fn ask(&self, prompt: Vec<u32>, sampling: &Sampling, session: Option<&str>) -> Result<ReplyStream, ChatError> {
        let size = self.renderer.tokenizer().vocabulary();
        if let Some(foreign) = prompt.iter().find(|id| **id as usize >= size) {
            return Err(ChatError::invalid(format!("the prompt has the token {foreign}; there are {size}")));
        }
        let most = self.room(prompt.len(), sampling.max_tokens)?;
        let top_k = top_k(sampling)?;
        let (events, told) = unbounded_channel();
        let reply = ReplyStream {
            events: told,
            model: self.name.clone(),
            prompt: prompt.clone(),
            wants: (sampling.token_ids, sampling.logprobs),
            text: String::new(),
            tokens: Vec::new(),
            end: None,
        };
        let sampled = self.defaults.sampling(sampling, top_k)?;
        let full = || ChatError::RateLimited {
            reason: format!("{} requests wait already", self.queue),
            retry_after: Some(COME_BACK),
        };
        let job = Job {
            prompt,
            sampling: sampled,
            stop: sampling.stop.clone(),
            most,
            session: session.map(str::to_owned),
            events,
            place: Place::take(&self.queued, self.queue).ok_or_else(full)?,
            asked: Instant::now(),
        };
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.send(job).map_err(|_| ChatError::broken("the model's thread has ended"))?;
        Ok(reply)
    }

    /// How many tokens may be written after a prompt.
    fn room(&self, prompt: usize, asked: Option<u32>) -> Result<usize, ChatError> {
        let context = self.limits.context;
        if prompt == 0 {
            return Err(ChatError::invalid("the prompt has no tokens"));
        }
        if asked == Some(0) {
            return Err(ChatError::invalid("max_tokens is 0; it is at least 1"));
        }
        let asked = asked.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let needed = prompt.saturating_add(asked.unwrap_or(1));
        if needed > context {
            return Err(ChatError::ContextTooLong {
                reason: format!(
                    "the maximum context length is {context} tokens, and the request has {needed}: {prompt} of the prompt and {} to write",
                    asked.unwrap_or(1)
                ),
                limit: Some(context as u64),
                used: Some(needed as u64),
            });
        }
        Ok(asked.unwrap_or_else(|| self.defaults.max_tokens.unwrap_or(context).clamp(1, context - prompt)))
    }
}

#[async_trait]
impl ChatModel for LocalModel {
    fn name(&self) -> &str {
        &self.name
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        self.stream(request)?.reply().await
    }
}

impl fmt::Debug for LocalModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalModel")
            .field("name", &self.name)
            .field("limits", &self.limits)
            .field("defaults", &self.defaults)
            .finish_non_exhaustive()
    }
}

/// Variables for the chat template.
const VARIABLES: &str = "chat_template_kwargs";
const TOP_K: &str = "top_k";

fn variables(sampling: &Sampling) -> Result<Option<&serde_json::Map<String, Value>>, ChatError> {
    match sampling.extra.get(VARIABLES) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(variables)) => Ok(Some(variables)),
        Some(_) => Err(ChatError::invalid(format!("`{VARIABLES}` is no object"))),
    }
}

/// `top_k` of a request; -1 stands for all tokens, as with other servers. Whatever else is not known is refused.
fn top_k(sampling: &Sampling) -> Result<Option<usize>, ChatError> {
    if let Some(field) = sampling.extra.keys().find(|field| ![TOP_K, VARIABLES].contains(&field.as_str())) {
        return Err(ChatError::invalid(format!("`{field}` is not known to a local model; leave it out")));
    }
    match sampling.extra.get(TOP_K) {
        None | Some(Value::Null) => Ok(None),
        Some(value) if value.as_i64() == Some(-1) => Ok(Some(0)),
        Some(value) => {
            let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
            count
                .map(Some)
                .ok_or_else(|| ChatError::invalid(format!("`{TOP_K}` is {value}; it is a whole number, or -1")))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
