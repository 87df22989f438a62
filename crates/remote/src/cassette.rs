//! Keeps answers in a folder, and gives them again instead of asking.

mod asked;
mod error;
mod flights;
mod folder;
mod key_lock;
mod mode;
mod recording;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

pub use asked::Asked;
pub use error::CassetteError;
pub use mode::Mode;

use crate::Failure;
use flights::Flights;
use folder::Folder;
use key_lock::KeyLock;
use recording::Recording;

/// Keeps answers in a folder, and gives them again instead of asking.
///
/// Recorded are answers, and failures that are a [verdict](Failure::is_verdict) on the request. What a recording belongs
/// to is [`Asked`], which has to say everything that changes an answer.
///
/// Each recording is a file of its own, JSON compressed with zstd, which holds what was asked beside the answer:
/// `zstdcat` shows it. It appears whole or not at all, and a damaged one is noticed: a strict replay says which file it
/// is, any other asks again and replaces it.
///
/// In [`Mode::Replay`] the same is asked once, however many ask it at the same time, in this process or in others on the
/// same folder. All in one process get the one answer, a failure too. When the one that asks is dropped, the next takes
/// over.
///
/// A folder in which nothing can be written is found out before anything is asked. When the disk fails after the answer
/// came, a replay warns and gives the answer, which is paid for; [`Mode::Record`], whose point is the recording, fails.
///
/// A [cache](Self::cache) is a replay whose recordings grow old. Its folder is like any other: what a run has cached
/// can be played back later, however old it is.
#[derive(Debug)]
pub struct Cassette<T, E> {
    folder: Arc<Folder>,
    mode: Mode,
    fresh_for: Option<Duration>,
    flights: Flights<Outcome<T, E>>,
}

/// The answer to what was asked, or why the recordings are of no use.
type Outcome<T, E> = Result<Result<T, E>, CassetteError>;

impl<T, E> Cassette<T, E>
where
    T: Clone + Serialize + DeserializeOwned + Send + 'static,
    E: Clone + Failure + Serialize + DeserializeOwned + Send + 'static,
{
    /// Keeps answers in a folder, which is made when it is needed; recordings do not grow old.
    pub fn new(folder: impl Into<PathBuf>, mode: Mode) -> Self {
        Self { folder: Arc::new(Folder::new(folder.into())), mode, fresh_for: None, flights: Flights::default() }
    }

    /// Gives what is recorded unless it is older than this, otherwise asks and records.
    pub fn cache(folder: impl Into<PathBuf>, fresh_for: Duration) -> Self {
        Self { fresh_for: Some(fresh_for), ..Self::new(folder, Mode::Replay) }
    }

    /// When it asks, and when it goes by what is recorded.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Gives what is recorded, or asks, as the mode says. `ask` is polled only where it is asked.
    ///
    /// # Errors
    ///
    /// Where the recordings are of no use: missing or damaged in a strict replay, or they cannot be written.
    pub async fn answer(
        &self,
        asked: &Asked,
        ask: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<Result<T, E>, CassetteError> {
        match self.mode {
            Mode::Live => Ok(ask.await),
            Mode::Record => self.record(ask, asked.clone()).await,
            Mode::Replay => self.flights.share(asked.key(), self.replay(ask, asked.clone())).await,
            Mode::ReplayStrict => self.replay_strictly(asked.clone()).await,
        }
    }

    async fn record(&self, ask: impl Future<Output = Result<T, E>>, asked: Asked) -> Outcome<T, E> {
        self.blocking(Folder::prepare).await?;
        let answer = ask.await;
        if is_worth_keeping(&answer) {
            self.keep(asked, answer.clone(), None).await?;
        }
        Ok(answer)
    }

    async fn replay(&self, ask: impl Future<Output = Result<T, E>>, asked: Asked) -> Outcome<T, E> {
        if let Some(answer) = self.recorded_or_warn(&asked).await? {
            return Ok(answer);
        }
        let lock = self.lock(&asked).await?;
        // Another process may have recorded it while this one waited for the lock.
        if let Some(answer) = self.recorded_or_warn(&asked).await? {
            return Ok(answer);
        }
        let answer = ask.await;
        if is_worth_keeping(&answer)
            && let Err(error) = self.keep(asked, answer.clone(), Some(lock)).await
        {
            tracing::warn!(%error, "an answer could not be recorded");
        }
        Ok(answer)
    }

    async fn replay_strictly(&self, asked: Asked) -> Outcome<T, E> {
        let key = asked.key().to_owned();
        let found = self.blocking(move |folder| folder.read(&asked)).await?;
        found.map(|recording| recording.answer).ok_or(CassetteError::NotRecorded { key })
    }

    /// What is recorded; what is damaged or too old counts as nothing.
    async fn recorded_or_warn(&self, asked: &Asked) -> Result<Option<Result<T, E>>, CassetteError> {
        let (asked, fresh_for) = (asked.clone(), self.fresh_for);
        self.blocking(move |folder| match folder.read::<T, E>(&asked) {
            Ok(found) => Ok(found
                .filter(|recording| fresh_for.is_none_or(|most| recording.is_fresh(most, SystemTime::now())))
                .map(|recording| recording.answer)),
            Err(error) => {
                tracing::warn!(%error, "a recording is asked for again");
                Ok(None)
            }
        })
        .await
    }

    /// Writes the recording. It is finished even if the caller goes away, and the lock is held until then.
    async fn keep(&self, asked: Asked, answer: Result<T, E>, lock: Option<KeyLock>) -> Result<(), CassetteError> {
        self.blocking(move |folder| {
            let written = folder.write(&asked, Recording::new(answer, SystemTime::now()));
            drop(lock);
            written
        })
        .await
    }

    /// Waits until no other process asks the same.
    async fn lock(&self, asked: &Asked) -> Result<KeyLock, CassetteError> {
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

    async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<R, CassetteError> + Send + 'static,
    ) -> Result<R, CassetteError> {
        let folder = self.folder.clone();
        let done = spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|error| Err(CassetteError::Unreachable { reason: error.to_string() }))
    }
}

fn is_worth_keeping<T, E: Failure>(answer: &Result<T, E>) -> bool {
    answer.as_ref().err().is_none_or(Failure::is_verdict)
}
