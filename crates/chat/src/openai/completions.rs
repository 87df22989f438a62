//! A model behind a server's bare completions: the prompt is rendered here, token by token if need be.

use std::sync::Arc;

use async_trait::async_trait;

use super::link::Link;
use super::{Options, body};
use crate::{ChatError, ChatModel, Key, Prompt, Render, Reply, Request, Sampling};

/// A model behind a server's bare completions, with a prompt that is rendered here.
///
/// What the model wrote comes back raw, tags and all, with the very tokens where the server gives them. Training data
/// that is to be exact to the token is made this way; a [`Dialect`](crate::dialect::Dialect) reads the text.
#[derive(Debug, Clone)]
pub struct Completions {
    link: Link,
    model: String,
    render: Arc<dyn Render>,
}

impl Completions {
    /// A model behind a server. The base URL is what stands before `/completions`.
    ///
    /// # Errors
    ///
    /// When the URL or a header in the options is no use. The server is not asked anything yet.
    pub fn new(
        base: &str,
        model: impl Into<String>,
        key: Option<Key>,
        options: Options,
        render: Arc<dyn Render>,
    ) -> Result<Self, ChatError> {
        Ok(Self { link: Link::new(base, key, options)?, model: model.into(), render })
    }

    /// Continues a prompt.
    ///
    /// # Errors
    ///
    /// As [`ChatModel::reply`].
    pub async fn complete(&self, prompt: &Prompt, sampling: &Sampling) -> Result<Reply, ChatError> {
        let options = self.link.options();
        let body = body::completion(&self.model, options.server, options.stream, prompt, sampling)?;
        let size = body.len();
        let draft = self.link.exchange(&["completions"], body, options.stream).await?;
        draft.into_reply(size, options.price.as_ref())
    }
}

#[async_trait]
impl ChatModel for Completions {
    fn name(&self) -> &str {
        &self.model
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        if request.messages.is_empty() {
            return Err(ChatError::invalid("there is no message to reply to"));
        }
        let prompt = self.render.render(request.messages, request.tools)?;
        self.complete(&prompt, request.sampling).await
    }
}
