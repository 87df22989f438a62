//! Spreads requests over several servers of the same model.

mod endpoint;
mod pool;
mod sessions;
mod status;

#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use offseeker_remote::Sign;
use tokio::time::Instant;

pub use endpoint::Endpoint;
use pool::{Picked, Pool};
pub use status::EndpointStatus;

use crate::{ChatError, ChatModel, Reply, Request};

/// Spreads requests over several servers of the same model.
///
/// A request goes to the endpoint that has the least under way. Requests of one session go to the same endpoint, which
/// has their beginning at hand, for as long as it is well; of 16,384 sessions the place is remembered, the least
/// recently used is forgotten first.
///
/// A failure that passes moves the request on to another endpoint, and its session with it; each is asked at most once.
/// After five such failures in a row an endpoint rests for 30 seconds. Then it gets one request, or a
/// [probe](Endpoint::probed_by), to show that it is well again. A [rate limit](ChatError::RateLimited) is no failure in
/// this sense, but for as long as it lasts the endpoint is asked only when there is no other.
///
/// Limits of one endpoint are wrapped around that endpoint, retries around all.
///
/// ```
/// use offseeker_chat::{ChatModelExt, Endpoints, RetryPolicy, Scripted};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_chat::ChatError> {
/// let first = Scripted::saying(["the Orsa"]).named("first").at_most(64);
/// let second = Scripted::saying(["the Orsa"]).named("second").at_most(64);
/// let model = Endpoints::new("karlin-8b", [first, second]).retrying(RetryPolicy::default());
/// assert_eq!(model.ask("Which river?").await?, "the Orsa");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Endpoints {
    name: String,
    endpoints: Vec<Endpoint>,
    pool: Mutex<Pool>,
}

impl Endpoints {
    /// Spreads requests over these endpoints, which all serve what is called `name`.
    pub fn new<E: Into<Endpoint>>(name: impl Into<String>, endpoints: impl IntoIterator<Item = E>) -> Self {
        let endpoints: Vec<Endpoint> = endpoints.into_iter().map(Into::into).collect();
        let pool = Mutex::new(Pool::new(endpoints.len()));
        Self { name: name.into(), endpoints, pool }
    }

    /// Lets no new session begin at an endpoint; those that are there go on. Says whether there is such an endpoint.
    pub fn drain(&self, index: usize) -> bool {
        self.pool().set_draining(index, true)
    }

    /// Lets sessions begin at an endpoint again. Says whether there is such an endpoint.
    pub fn restore(&self, index: usize) -> bool {
        self.pool().set_draining(index, false)
    }

    /// How each endpoint does, for display.
    #[must_use]
    pub fn status(&self) -> Vec<EndpointStatus> {
        let names = self.endpoints.iter().map(|endpoint| endpoint.model().name().to_owned());
        self.pool().status(names, Instant::now())
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pick(&self, session: Option<&str>, tried: &[bool]) -> Option<Visit<'_>> {
        let picked = self.pool().pick(session, tried, Instant::now())?;
        Some(Visit { endpoints: self, picked, sign: Sign::None })
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ChatModel for Endpoints {
    fn name(&self) -> &str {
        &self.name
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        if self.endpoints.is_empty() {
            return Err(ChatError::invalid("there is no endpoint to ask"));
        }
        let mut tried = vec![false; self.endpoints.len()];
        let mut failure: Option<ChatError> = None;
        while let Some(mut visit) = self.pick(request.session, &tried) {
            tried[visit.picked.index] = true;
            if !visit.passes_the_probe().await {
                continue;
            }
            match visit.reply(request).await {
                Err(error) if error.is_transient() => failure = Some(soonest(failure, error)),
                answer => return answer,
            }
        }
        Err(failure.unwrap_or_else(|| self.pool().why_nobody(Instant::now())))
    }
}

/// Of two failures the one that asks for the shorter wait; the later one where that is the same.
fn soonest(earlier: Option<ChatError>, later: ChatError) -> ChatError {
    match earlier {
        Some(earlier) if earlier.retry_after().unwrap_or_default() < later.retry_after().unwrap_or_default() => earlier,
        _ => later,
    }
}

/// One request at one endpoint, from its choice to what came of it.
struct Visit<'a> {
    endpoints: &'a Endpoints,
    picked: Picked,
    /// What the endpoint has shown of its health; nothing when the request is dropped.
    sign: Sign,
}

impl Visit<'_> {
    /// Whether the endpoint is well, or nothing speaks against asking it.
    async fn passes_the_probe(&mut self) -> bool {
        if !self.picked.on_trial {
            return true;
        }
        let Some(passed) = self.endpoint().probe().await else { return true };
        if passed {
            self.endpoints.pool().passed_the_probe(self.picked.index, Instant::now());
            self.picked.on_trial = false;
        } else {
            self.sign = Sign::Failure;
        }
        passed
    }

    async fn reply(mut self, request: Request<'_>) -> Result<Reply, ChatError> {
        let answer = self.endpoint().model().reply(request).await;
        self.sign = Sign::of(&answer);
        answer
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoints.endpoints[self.picked.index]
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.endpoints.pool().leave(self.picked, self.sign, Instant::now());
    }
}
