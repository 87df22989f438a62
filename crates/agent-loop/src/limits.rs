//! How much an attempt may take.

use std::time::Duration;

use offseeker_remote::seconds;
use offseeker_trajectory::{Limit, Usage};
use serde::{Deserialize, Serialize};

/// How much an attempt may take. At the first limit that it reaches it is left one turn, without tools, to answer.
///
/// Durations are written as numbers of seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Turns of the model, the last one included.
    pub turns: u32,
    /// Calls of tools.
    pub calls: u32,
    /// Requests to models, those of context policies included.
    pub requests: Option<u64>,
    /// Tokens read and written in all.
    pub tokens: Option<u64>,
    /// Tokens that fit into the model's window.
    pub context: u64,
    /// Those of `context` that are kept for the answer.
    pub reserve: u64,
    /// Time for which the attempt is under way. A request that takes longer than what is left of it is dropped.
    #[serde(with = "seconds")]
    pub wall_time: Duration,
    /// Time for the last turn, after which the attempt ends without an answer.
    #[serde(with = "seconds")]
    pub answer_time: Duration,
    /// Time for which it is under way and does not wait for its turn with the model.
    #[serde(with = "seconds::option")]
    pub work_time: Option<Duration>,
    /// Money, in millionths of a dollar.
    pub cost_microusd: Option<u64>,
    /// Calls that a guard forbade; an attempt that reaches this ends at once, as forbidden.
    pub blocked: Option<u32>,
}

impl Default for Limits {
    /// 100 turns, 200 calls, a window of 131,072 tokens of which 10,240 are for the answer, 150 minutes and ten
    /// more for the answer.
    fn default() -> Self {
        Self {
            turns: 100,
            calls: 200,
            requests: None,
            tokens: None,
            context: 131_072,
            reserve: 10_240,
            wall_time: Duration::from_secs(150 * 60),
            answer_time: Duration::from_secs(10 * 60),
            work_time: None,
            cost_microusd: None,
            blocked: None,
        }
    }
}

/// What an attempt has taken so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) turns: u32,
    pub(crate) calls: u32,
    pub(crate) usage: Usage,
    /// Tokens of the conversation as it stands.
    pub(crate) context: u64,
    pub(crate) spent: Duration,
    pub(crate) waited: Duration,
}

impl Limits {
    /// The first limit that is reached. One more turn, one more request, are left to answer.
    pub(crate) fn reached(&self, taken: &Taken) -> Option<Limit> {
        let worked = taken.spent.saturating_sub(taken.waited);
        let within = |limit: Option<u64>, taken: u64| limit.is_none_or(|limit| taken < limit);
        let reached = [
            (Limit::Turns, u64::from(taken.turns) + 1 >= u64::from(self.turns)),
            (Limit::Calls, taken.calls >= self.calls),
            (Limit::Requests, !within(self.requests, taken.usage.requests + 1)),
            (Limit::Tokens, !within(self.tokens, taken.usage.total_tokens())),
            (Limit::Cost, !within(self.cost_microusd, taken.usage.cost_microusd)),
            (Limit::WallTime, taken.spent >= self.wall_time),
            (Limit::WorkTime, self.work_time.is_some_and(|limit| worked >= limit)),
            (Limit::Context, taken.context >= self.room()),
        ];
        reached.into_iter().find_map(|(limit, is_reached)| is_reached.then_some(limit))
    }

    /// Tokens that a conversation may have before it is answered.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.context.saturating_sub(self.reserve)
    }
}
