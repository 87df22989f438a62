//! Comfort for every model: a question in one line, wrappers by a method each.

use async_trait::async_trait;
use offseeker_trajectory::Message;

use crate::{ChatError, ChatModel, Concurrency, Request, Retry, RetryPolicy};

/// Comfort for every [`ChatModel`].
#[async_trait]
pub trait ChatModelExt: ChatModel {
    /// Asks one thing and gives the text of the reply.
    async fn ask(&self, question: &str) -> Result<String, ChatError> {
        let messages = [Message::user(question)];
        Ok(self.reply(Request::new(&messages)).await?.message.content)
    }

    /// Makes a request again when it failed in a way that passes.
    fn retrying(self, policy: RetryPolicy) -> Retry<Self>
    where
        Self: Sized,
    {
        Retry::new(self, policy)
    }

    /// Lets only so many requests be under way at once.
    fn at_most(self, requests: usize) -> Concurrency<Self>
    where
        Self: Sized,
    {
        Concurrency::new(self, requests)
    }
}

impl<M: ChatModel + ?Sized> ChatModelExt for M {}
