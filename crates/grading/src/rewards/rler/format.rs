//! Whether an attempt answers, cites and searches at all, and how often it searches.

use async_trait::async_trait;
use offseeker_trajectory::{CallStatus, Grade, Repair, ToolCall, Trajectory};

use crate::rewards::turns::{answer, calls, measured, observations, turns, unfit, written};
use crate::{GradeError, Grader};

/// `0.5 [answer] + 0.3 [citation] + 0.2 [at least one valid query]`.
#[must_use]
pub fn format_reward(answers: bool, cites: bool, queries: bool) -> f64 {
    [(answers, 0.5), (cites, 0.3), (queries, 0.2)].into_iter().filter(|(is, _)| *is).map(|(_, worth)| worth).sum()
}

/// `min(n / 3, 1)` for `n` searches.
#[must_use]
pub fn search_turns_reward(searches: usize) -> f64 {
    (searches as f64 / 3.0).min(1.0)
}

/// Calls with arguments that could be read, say something, and fit the tool.
fn valid_queries(attempt: &Trajectory) -> usize {
    let says_something = |call: &&ToolCall| {
        call.repair != Repair::Unreadable
            && offseeker_chat::arguments::read(&call.arguments)
                .is_ok_and(|read| read.value.as_object().is_some_and(|fields| !fields.is_empty()))
    };
    let all = calls(attempt).count();
    let readable = calls(attempt).filter(says_something).count();
    let refused = observations(attempt).filter(|(_, observed, _)| observed.status == CallStatus::InvalidArguments);
    // What could not be read was refused as well; no call is taken off twice.
    readable.min(all.saturating_sub(refused.count()))
}

/// `rler/format`: whether an attempt answers, cites with `<cite id=..>`, and makes a valid query.
///
/// It is paid without an answer too. The system's own code walks over the wrong things where it looks for queries.
#[derive(Debug, Clone, Copy, Default)]
pub struct RlerFormat;

#[async_trait]
impl Grader for RlerFormat {
    fn name(&self) -> &str {
        "rler/format@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let cites = turns(attempt).any(|(_, node)| written(&node.message).contains("<cite id="))
            || answer(attempt).is_some_and(|answer| answer.contains("<cite id="));
        let parts = [answer(attempt).is_some(), cites, valid_queries(attempt) > 0];
        let mut grade = measured(self.name(), attempt, format_reward(parts[0], parts[1], parts[2]));
        let named = ["answers", "cites", "queries"].into_iter().zip(parts);
        grade.components.extend(named.map(|(name, is)| (name.to_owned(), f64::from(u8::from(is)))));
        Ok(grade)
    }
}

/// `rler/search-turns`: how often an attempt searches, up to three times.
#[derive(Debug, Clone, Copy, Default)]
pub struct RlerSearchTurns;

#[async_trait]
impl Grader for RlerSearchTurns {
    fn name(&self) -> &str {
        "rler/search-turns@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let searches = valid_queries(attempt);
        let mut grade = measured(self.name(), attempt, search_turns_reward(searches));
        grade.components.insert("searches".to_owned(), searches as f64);
        Ok(grade)
    }
}
