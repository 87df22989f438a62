//! A client for every server that speaks OpenAI's protocol.

mod body;
mod chunk;
mod completions;
mod draft;
mod failure;
mod link;
mod options;
mod server;

use async_trait::async_trait;
pub use completions::Completions;
use link::Link;
pub use options::{Options, Price, Timeouts};
pub use server::{Offer, Server};

use crate::{ChatError, ChatModel, Key, Reply, Request};

/// A model behind a server that speaks OpenAI's chat completions.
///
/// ```no_run
/// # async fn example() -> Result<(), offseeker_chat::ChatError> {
/// use offseeker_chat::{ChatModelExt, Key, OpenAi, Options};
///
/// let model = OpenAi::new("http://localhost:8000/v1", "Qwen/Qwen3-8B", Key::from_env("MY_KEY"), Options::default())?;
/// println!("{}", model.ask("Which river does the Karlin mill stand on?").await?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct OpenAi {
    link: Link,
    model: String,
}

impl OpenAi {
    /// A model behind a server. The base URL is what stands before `/chat/completions`.
    ///
    /// # Errors
    ///
    /// When the URL or a header in the options is no use. The server is not asked anything yet.
    pub fn new(base: &str, model: impl Into<String>, key: Option<Key>, options: Options) -> Result<Self, ChatError> {
        Ok(Self { link: Link::new(base, key, options)?, model: model.into() })
    }

    /// The model that the environment names: `OFFSEEKER_BASE_URL`, `OFFSEEKER_MODEL`, `OFFSEEKER_API_KEY`.
    ///
    /// Gives nothing where `OFFSEEKER_BASE_URL` is not set. Without `OFFSEEKER_MODEL` it is the first model that the
    /// server offers. The server is asked what it is and what it has.
    ///
    /// # Errors
    ///
    /// When the URL is no use, or the server does not answer.
    pub async fn from_env(options: Options) -> Result<Option<Self>, ChatError> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let Some(base) = set("OFFSEEKER_BASE_URL") else { return Ok(None) };
        let named = set("OFFSEEKER_MODEL");
        let model = Self::new(&base, "", Key::from_env("OFFSEEKER_API_KEY"), options)?;
        model.introduced(named).await.map(Some)
    }

    /// The same client once it has asked the server for its kind, and for a model where none is named.
    async fn introduced(mut self, named: Option<String>) -> Result<Self, ChatError> {
        let list = match self.link.models().await {
            Ok(list) => Some(list),
            // Some proxies serve nothing but chats.
            Err(error) if error.is_transient() || named.is_none() => return Err(error),
            Err(_) => None,
        };
        if let Some(list) = list.as_ref().filter(|_| self.options().server == Server::Other) {
            self.link.set_server(list.server());
        }
        let offered = || list.and_then(|list| list.offers().into_iter().next()).map(|offer| offer.id);
        self.model = named.or_else(offered).ok_or_else(|| {
            ChatError::invalid(format!("{} offers no model; load one, or name one", self.link.place()))
        })?;
        Ok(self)
    }

    /// What is set on the client.
    #[must_use]
    pub fn options(&self) -> &Options {
        self.link.options()
    }

    /// Asks the server what models it offers: also a way to see whether it is there.
    ///
    /// # Errors
    ///
    /// When the server does not answer, or not with a list of models.
    pub async fn offers(&self) -> Result<Vec<Offer>, ChatError> {
        Ok(self.link.models().await?.offers())
    }
}

#[async_trait]
impl ChatModel for OpenAi {
    fn name(&self) -> &str {
        &self.model
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        if request.messages.is_empty() {
            return Err(ChatError::invalid("there is no message to reply to"));
        }
        let options = self.link.options();
        let stream = options.stream && options.server.streams(request);
        let body = body::chat(&self.model, options.server, stream, request)?;
        let size = body.len();
        let draft = self.link.exchange(&["chat", "completions"], body, stream).await?;
        draft.into_reply(size, options.price.as_ref())
    }
}
