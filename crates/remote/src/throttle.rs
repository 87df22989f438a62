//! Decides when a request may go; shared by all who keep to the same rates.

mod bucket;

#[cfg(test)]
mod tests;

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::seconds;
use bucket::Bucket;

/// The longest pause that is kept in mind; a clock cannot say every time that a server can ask for.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The rate of requests that a server allows. Durations are written as numbers of seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Requests that may be made in a minute.
    pub requests_per_minute: NonZeroU32,
    /// How much may come at once after a pause: what the rate allows in this time, and at least one request.
    #[serde(with = "seconds", default = "usual_burst")]
    pub burst: Duration,
    /// The longest that a server's wish to wait is waited for; while it asks for more, requests fail at once.
    #[serde(with = "seconds", default = "usual_pause")]
    pub longest_pause: Duration,
}

fn usual_burst() -> Duration {
    Duration::from_secs(6)
}

fn usual_pause() -> Duration {
    Duration::from_secs(120)
}

impl Pace {
    /// So many requests a minute, bursts of six seconds, pauses of up to two minutes.
    #[must_use]
    pub fn per_minute(requests: NonZeroU32) -> Self {
        Self { requests_per_minute: requests, burst: usual_burst(), longest_pause: usual_pause() }
    }

    /// So many requests a second, and no more than these at once; pauses of up to two minutes.
    #[must_use]
    pub fn per_second(requests: NonZeroU32) -> Self {
        let requests_per_minute = requests.saturating_mul(NonZeroU32::new(60).expect("sixty is not nought"));
        Self { requests_per_minute, burst: Duration::from_secs(1), longest_pause: usual_pause() }
    }
}

/// A server has asked everybody to wait longer than anybody waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server has asked everybody to wait")]
pub struct Paused {
    /// For how much longer.
    pub remaining: Duration,
}

/// Lets requests through at the rates that a server allows, in the order in which they came. Clones share one account,
/// for all who are behind one key or talk to one host.
///
/// A request takes an amount of each of `N` flows, at once or not at all: requests, and where it matters tokens.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_remote::Paused> {
/// use offseeker_remote::{Pace, Throttle};
///
/// let throttle = Throttle::from(Pace::per_second(5.try_into().expect("five is not nought")));
/// throttle.admit([1]).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Throttle<const N: usize = 1>(Arc<Shared<N>>);

#[derive(Debug)]
struct Shared<const N: usize> {
    longest_pause: Duration,
    /// Held by the request that goes next; the lock is fair, so the others come after it in their order.
    turn: tokio::sync::Mutex<()>,
    /// Tells the request that goes next that it has to look again.
    changed: Notify,
    state: Mutex<State<N>>,
}

#[derive(Debug)]
struct State<const N: usize> {
    flows: [Option<Bucket>; N],
    paused_until: Option<Instant>,
}

impl From<Pace> for Throttle {
    fn from(pace: Pace) -> Self {
        Self::new([Some(pace.requests_per_minute.into())], pace.burst, pace.longest_pause)
    }
}

impl<const N: usize> Throttle<N> {
    /// Keeps to these amounts a minute, beginning with a full burst; a flow without one is not limited.
    ///
    /// What may come at once is what the rates allow in `burst`, and at least one. A server's wish to wait is waited
    /// for where it is no longer than `longest_pause`.
    #[must_use]
    pub fn new(per_minute: [Option<NonZeroU64>; N], burst: Duration, longest_pause: Duration) -> Self {
        let flows = per_minute.map(|rate| rate.map(|rate| Bucket::new(rate.get(), burst)));
        Self(Arc::new(Shared {
            longest_pause,
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            state: Mutex::new(State { flows, paused_until: None }),
        }))
    }

    /// Waits until a request of these amounts may go. One that is larger than a burst goes when the burst is there,
    /// and leaves a debt.
    ///
    /// # Errors
    ///
    /// While the server asks for a longer pause than is waited for.
    pub async fn admit(&self, amounts: [u64; N]) -> Result<(), Paused> {
        let _turn = self.0.turn.lock().await;
        loop {
            let wait = self.take_or_wait(amounts)?;
            if wait.is_zero() {
                return Ok(());
            }
            tokio::select! {
                () = sleep(wait) => {}
                () = self.0.changed.notified() => {}
            }
        }
    }

    /// Puts what a request took in the place of what it was admitted with: more is a debt that later requests wait
    /// for, less is given back.
    pub fn settle(&self, admitted: [u64; N], took: [u64; N]) {
        for ((bucket, admitted), took) in self.state().flows.iter_mut().zip(admitted).zip(took) {
            if let Some(bucket) = bucket {
                bucket.take(took.saturating_sub(admitted));
                bucket.give_back(admitted.saturating_sub(took));
            }
        }
        self.0.changed.notify_one();
    }

    /// Lets nobody through for a while, because the server asks for it.
    pub fn pause(&self, pause: Duration) {
        tracing::warn!(pause_s = pause.as_secs_f64(), "the server asks to wait");
        let until = Instant::now() + pause.min(LONGEST);
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
        drop(state);
        self.0.changed.notify_one();
    }

    /// Takes the amounts if that is possible now, otherwise says how long to wait.
    fn take_or_wait(&self, amounts: [u64; N]) -> Result<Duration, Paused> {
        let now = Instant::now();
        let State { flows, paused_until } = &mut *self.state();
        let paused = paused_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if paused > self.0.longest_pause {
            return Err(Paused { remaining: paused });
        }
        let mut wait = paused;
        for (bucket, amount) in flows.iter_mut().zip(amounts) {
            wait = wait.max(bucket.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(amount, now)));
        }
        if wait.is_zero() {
            for (bucket, amount) in flows.iter_mut().zip(amounts) {
                if let Some(bucket) = bucket {
                    bucket.take(amount);
                }
            }
        }
        Ok(wait)
    }

    fn state(&self) -> MutexGuard<'_, State<N>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
