//! Keeps what a model answered, and gives it again instead of asking.

mod asked;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use async_trait::async_trait;
use offseeker_remote::{Asked, Cassette, CassetteError, Mode};

use crate::{ChatError, ChatModel, Reply, Request};

/// Keeps what a model answered, and gives it again instead of asking.
///
/// Recorded are replies, and failures that are a [verdict](ChatError::is_verdict) on the request. A recording belongs
/// to the name of the model, the messages, the tools and the sampling, as canonical JSON; the session does not matter.
/// Requests that are to have different replies although they ask the same differ in their seed.
///
/// Each recording is a file of its own, JSON compressed with zstd, which holds the request beside the answer:
/// `zstdcat` shows it. It appears whole or not at all, and a damaged one is noticed: a strict replay says which file it
/// is, any other asks again and replaces it.
///
/// In [`Mode::Replay`] the same request is asked once, however many ask it at the same time, in this process or in
/// others on the same folder. All in one process get the one answer, a failure too. When the one that asks is dropped,
/// the next takes over.
///
/// A folder in which nothing can be written is found out before anything is asked. When the disk fails after the reply
/// came, a replay warns and gives the reply, which is paid for; [`Mode::Record`], whose point is the recording, fails.
#[derive(Debug)]
pub struct Recorded<M> {
    inner: M,
    cassette: Cassette<Reply, ChatError>,
}

impl<M: ChatModel> Recorded<M> {
    /// Keeps what `inner` answers in a folder, which is made when it is needed.
    pub fn new(inner: M, folder: impl Into<PathBuf>, mode: Mode) -> Self {
        Self { inner, cassette: Cassette::new(folder, mode) }
    }

    fn asked(&self, request: &Request<'_>) -> Result<Asked, ChatError> {
        if request.messages.is_empty() {
            return Err(ChatError::invalid("there is no message to reply to"));
        }
        asked::asked(self.inner.name(), request)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<M: ChatModel> ChatModel for Recorded<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        if self.cassette.mode() == Mode::Live {
            return self.inner.reply(request).await;
        }
        let asked = self.asked(&request)?;
        self.cassette.answer(&asked, self.inner.reply(request)).await.unwrap_or_else(|error| Err(unrecorded(error)))
    }
}

fn unrecorded(error: CassetteError) -> ChatError {
    match error {
        CassetteError::NotRecorded { key } => ChatError::NotRecorded { key },
        error => ChatError::broken(error.to_string()),
    }
}
