//! Comfort for every model: a question in one line, wrappers by a method each.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::Message;

use crate::{
    Budget, ChatError, ChatModel, Concurrency, Ledger, Limiter, Mode, RateLimit, Recorded, Request, Retry, RetryPolicy,
};

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

    /// Keeps to [`Rates`](crate::Rates), or to a [`Limiter`] that is shared with others.
    fn rate_limited(self, limiter: impl Into<Limiter>) -> RateLimit<Self>
    where
        Self: Sized,
    {
        RateLimit::new(self, limiter)
    }

    /// Stops asking when there is nothing left to spend.
    fn budgeted(self, ledger: Arc<Ledger>) -> Budget<Self>
    where
        Self: Sized,
    {
        Budget::new(self, ledger)
    }

    /// Lets only so many requests be under way at once.
    fn at_most(self, requests: usize) -> Concurrency<Self>
    where
        Self: Sized,
    {
        Concurrency::new(self, requests)
    }

    /// Keeps answers in a folder, and gives them again as the mode says.
    fn recorded(self, folder: impl Into<PathBuf>, mode: Mode) -> Recorded<Self>
    where
        Self: Sized,
    {
        Recorded::new(self, folder, mode)
    }
}

impl<M: ChatModel + ?Sized> ChatModelExt for M {}
