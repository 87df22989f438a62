//! Keeps what a model answered, and gives it again instead of asking.

mod asked;
mod flights;
mod folder;
mod key_lock;
mod recording;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::{ChatError, ChatModel, Reply, Request};
use asked::Asked;
use flights::Flights;
use folder::Folder;
use key_lock::KeyLock;

/// What is recorded of a request.
type Answer = Result<Reply, ChatError>;

/// When to ask, and when to go by what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Asks every time and records nothing.
    Live,
    /// Asks every time and records the answer in the place of an earlier one.
    Record,
    /// Gives what is recorded; asks and records where nothing is.
    Replay,
    /// Gives what is recorded and never asks.
    ReplayStrict,
}

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
    folder: Arc<Folder>,
    mode: Mode,
    flights: Flights,
}

impl<M: ChatModel> Recorded<M> {
    /// Keeps what `inner` answers in a folder, which is made when it is needed.
    pub fn new(inner: M, folder: impl Into<PathBuf>, mode: Mode) -> Self {
        Self { inner, folder: Arc::new(Folder::new(folder.into())), mode, flights: Flights::default() }
    }

    fn asked(&self, request: &Request<'_>) -> Result<Asked, ChatError> {
        if request.messages.is_empty() {
            return Err(ChatError::invalid("there is no message to reply to"));
        }
        Asked::new(self.inner.name(), request)
    }

    async fn record(&self, request: Request<'_>, asked: Asked) -> Answer {
        self.blocking(Folder::prepare).await?;
        let answer = self.inner.reply(request).await;
        if is_worth_keeping(&answer) {
            self.keep(asked, answer.clone(), None).await?;
        }
        answer
    }

    async fn replay(&self, request: Request<'_>, asked: Asked) -> Answer {
        if let Some(answer) = self.recorded_or_warn(&asked).await? {
            return answer;
        }
        let lock = self.lock(&asked).await?;
        // Another process may have recorded it while this one waited for the lock.
        if let Some(answer) = self.recorded_or_warn(&asked).await? {
            return answer;
        }
        let answer = self.inner.reply(request).await;
        if is_worth_keeping(&answer)
            && let Err(error) = self.keep(asked, answer.clone(), Some(lock)).await
        {
            tracing::warn!(%error, "a reply could not be recorded");
        }
        answer
    }

    async fn replay_strictly(&self, asked: Asked) -> Answer {
        let key = asked.key().to_owned();
        let found = self.blocking(move |folder| folder.read(&asked)).await?;
        found.unwrap_or(Err(ChatError::NotRecorded { key }))
    }

    /// What is recorded; a damaged recording counts as none.
    async fn recorded_or_warn(&self, asked: &Asked) -> Result<Option<Answer>, ChatError> {
        let asked = asked.clone();
        self.blocking(move |folder| match folder.read(&asked) {
            Ok(found) => Ok(found),
            Err(error) => {
                tracing::warn!(%error, "a recording is asked for again");
                Ok(None)
            }
        })
        .await
    }

    /// Writes the recording. It is finished even if the caller goes away, and the lock is held until then.
    async fn keep(&self, asked: Asked, answer: Answer, lock: Option<KeyLock>) -> Result<(), ChatError> {
        self.blocking(move |folder| {
            let written = folder.write(&asked, answer);
            drop(lock);
            written
        })
        .await
    }

    /// Waits until no other process asks the same.
    async fn lock(&self, asked: &Asked) -> Result<KeyLock, ChatError> {
        // Asked again and again, because a wait inside the system could not be given up.
        let mut pause = Duration::from_millis(2);
        loop {
            let key = asked.key().to_owned();
            if let Some(lock) = self.blocking(move |folder| folder.try_lock(&key)).await? {
                return Ok(lock);
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(200));
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, ChatError> + Send + 'static,
    ) -> Result<T, ChatError> {
        let folder = self.folder.clone();
        let done = spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|error| Err(ChatError::broken(format!("recordings cannot be reached: {error}"))))
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<M: ChatModel> ChatModel for Recorded<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Answer {
        match self.mode {
            Mode::Live => self.inner.reply(request).await,
            Mode::Record => self.record(request, self.asked(&request)?).await,
            Mode::Replay => {
                let asked = self.asked(&request)?;
                self.flights.share(asked.key(), self.replay(request, asked.clone())).await
            }
            Mode::ReplayStrict => self.replay_strictly(self.asked(&request)?).await,
        }
    }
}

fn is_worth_keeping(answer: &Answer) -> bool {
    answer.as_ref().err().is_none_or(ChatError::is_verdict)
}
