//! How often to ask, and how long to wait in between.

use std::time::Duration;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{Failure, seconds};

/// How often a request is made, and how long to wait in between.
///
/// Durations are written as numbers of seconds. After the n-th failure the wait is drawn evenly from nought to
/// `base · 2ⁿ⁻¹`, or to `cap` where that is less, so that many requests that failed together do not come back together.
/// Where the server says how long to wait, the drawn time is added to that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// The most times that a request is made, the first time included; nought counts as one.
    pub tries: u32,
    /// The longest wait after the first failure; it doubles with every further one.
    #[serde(with = "seconds")]
    pub base: Duration,
    /// The longest wait, however many failures there were.
    #[serde(with = "seconds")]
    pub cap: Duration,
    /// The longest wait that a server may ask for; where it asks for more, its error is given back at once.
    #[serde(with = "seconds")]
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// Five tries; one second, doubling up to 30; at most two minutes when the server asks for them.
    fn default() -> Self {
        Self {
            tries: 5,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(30),
            longest_wait: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// Asks until there is an answer, a failure that does not pass, or no try left.
    ///
    /// # Errors
    ///
    /// The last failure.
    pub async fn run<T, E, F>(&self, name: &str, ask: impl Fn() -> F) -> Result<T, E>
    where
        E: Failure,
        F: Future<Output = Result<T, E>>,
    {
        let mut failures = 0;
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            failures += 1;
            let Some(wait) = self.wait(failures, &error, &mut rand::rng()) else { return Err(error) };
            let wait_s = wait.as_secs_f64();
            tracing::warn!(name, failure = error.kind(), failures, wait_s, "asking again");
            tokio::time::sleep(wait).await;
        }
    }

    /// How long to wait after so many failures of a request; none where it is not to be made again.
    pub fn wait(&self, failures: u32, error: &impl Failure, rng: &mut impl Rng) -> Option<Duration> {
        let asked = error.retry_after().unwrap_or_default();
        if !error.is_transient() || failures >= self.tries || asked > self.longest_wait {
            return None;
        }
        let doubled = self.base.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let drawn = rng.random_range(Duration::ZERO..=doubled.min(self.cap));
        Some(asked.saturating_add(drawn))
    }
}

#[cfg(test)]
mod tests;
