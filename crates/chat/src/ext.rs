//! Comfort for every model: a question in one line, wrappers by a method each.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::Message;

use crate::{
    Budget, ChatError, ChatModel, Concurrency, Ledger, Limiter, Mode, RateLimit, Recorded, Request, Retry, RetryPolicy,
};

/// Comfort for every [`ChatModel`].
///
/// # The order of wrappers
///
/// The method called last is outermost. This order is right, read from the model outwards:
///
/// 1. [`rate_limited`](Self::rate_limited), so that a request leaves at the moment for which its rate was taken.
/// 2. [`at_most`](Self::at_most): a place is held while a request is under way, not while it waits to be tried again.
/// 3. [`retrying`](Self::retrying): each try takes its own place and its own part of the rate.
/// 4. [`budgeted`](Self::budgeted): what is retried is paid for once. Budgets for an item go around those for the run.
///    To count each try, put the budget inside the retries.
/// 5. [`recorded`](Self::recorded): what is replayed costs nothing and waits for nothing, and only what is left after
///    all tries is recorded.
///
/// [`Endpoints`](crate::Endpoints) stand between 2 and 3: limits around each server, retries around all of them.
///
/// ```
/// # use std::sync::Arc;
/// use offseeker_chat::{Allowance, ChatModelExt, Ledger, Mode, Rates, RetryPolicy, Scripted};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let recordings = tempfile::tempdir()?;
/// # let recordings = recordings.path();
/// let run = Arc::new(Ledger::new(Allowance { tokens: Some(1_000_000), ..Allowance::default() }));
/// let model = Scripted::saying(["the Orsa"])
///     .rate_limited(Rates { requests_per_minute: Some(600), ..Rates::default() })
///     .at_most(64)
///     .retrying(RetryPolicy::default())
///     .budgeted(run.clone())
///     .recorded(recordings, Mode::Replay);
///
/// assert_eq!(model.ask("Which river does the Karlin mill stand on?").await?, "the Orsa");
/// assert_eq!(model.ask("Which river does the Karlin mill stand on?").await?, "the Orsa");
/// assert_eq!(run.spent().requests, 1);
/// # Ok(())
/// # }
/// ```
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

#[cfg(test)]
mod tests;
