//! `PokeeResearch`: whether a whole attempt keeps to the grammar of research and verification, and whether it is over-long.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Outcome, Span, Trajectory};
use serde_json::Value;

use super::turns::{measured, turns, unfit, written};
use crate::{GradeError, Grader};

/// What a turn does, by the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Calls,
    Answers,
    Verifies { correct: bool },
}

/// Whether the turns of an attempt keep to the grammar, or which is the first that does not.
///
/// Research: `<think>..</think>`, then calls or one `<answer>..</answer>`. A call is strict JSON between `<tool_call>` tags:
/// an object with a name and an object of arguments. After an answer comes verification: `<verification>..</verification>`
/// and `<verification_result>` with `CORRECT` or `INCORRECT`; after `INCORRECT` research goes on. An attempt ends with an
/// answer, verified as correct or not verified.
///
/// # Errors
///
/// The place of the first turn that breaks the grammar; the number of turns where they end too early.
pub fn grammar<'t>(turns: impl IntoIterator<Item = &'t str>) -> Result<(), usize> {
    let mut answered = false;
    let mut done = false;
    let mut count = 0;
    for (at, text) in turns.into_iter().enumerate() {
        count = at + 1;
        match turn_of(text) {
            Some(Turn::Calls) if !answered => {}
            Some(Turn::Answers) if !answered => answered = true,
            Some(Turn::Verifies { correct }) if answered && !done => {
                answered = correct;
                done = correct;
            }
            _ => return Err(at),
        }
    }
    if answered { Ok(()) } else { Err(count) }
}

fn turn_of(text: &str) -> Option<Turn> {
    let text = text.trim();
    if let Some((_, rest)) = block(text, "verification") {
        let (result, rest) = block(rest, "verification_result")?;
        let correct = match result.trim() {
            "CORRECT" => true,
            "INCORRECT" => false,
            _ => return None,
        };
        return rest.is_empty().then_some(Turn::Verifies { correct });
    }
    let (_, mut rest) = block(text, "think")?;
    if let Some((answer, rest)) = block(rest, "answer") {
        return (rest.is_empty() && !answer.trim().is_empty()).then_some(Turn::Answers);
    }
    let mut calls = 0;
    while let Some((call, after)) = block(rest, "tool_call") {
        is_call(call).then_some(())?;
        calls += 1;
        rest = after;
    }
    (calls > 0 && rest.is_empty()).then_some(Turn::Calls)
}

/// The inside of a block that a text begins with, and what comes after it.
fn block<'t>(text: &'t str, tag: &str) -> Option<(&'t str, &'t str)> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let inner = text.strip_prefix(&open)?;
    let (inner, after) = inner.split_once(&close)?;
    (!inner.contains(&open)).then_some((inner, after.trim_start()))
}

fn is_call(text: &str) -> bool {
    let Ok(Value::Object(call)) = serde_json::from_str::<Value>(text.trim()) else { return false };
    let named = call.get("name").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    named && call.get("arguments").is_some_and(Value::is_object)
}

/// How over-long something is: 0 up to `from`, 1 from `to` on, a straight line in between.
///
/// ```
/// use offseeker_grading::rewards::pokee::over_long;
///
/// assert_eq!(over_long(28_000.0, 28_000.0, 32_000.0), 0.0);
/// assert_eq!(over_long(30_000.0, 28_000.0, 32_000.0), 0.5);
/// assert_eq!(over_long(40_000.0, 28_000.0, 32_000.0), 1.0);
/// ```
#[must_use]
pub fn over_long(length: f64, from: f64, to: f64) -> f64 {
    if length <= from {
        0.0
    } else if length >= to {
        1.0
    } else {
        (length - from) / (to - from)
    }
}

/// `pokee/format`: 1 where the whole attempt keeps to the grammar, else 0; the turn that breaks it has a span.
#[derive(Debug, Clone, Copy, Default)]
pub struct PokeeFormat;

#[async_trait]
impl Grader for PokeeFormat {
    fn name(&self) -> &str {
        "pokee/format@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let (ids, texts): (Vec<_>, Vec<_>) = turns(attempt).map(|(id, node)| (id, written(&node.message))).unzip();
        let Err(broken) = grammar(texts.iter().map(|text| &**text)) else {
            return Ok(measured(self.name(), attempt, 1.0));
        };
        let mut grade = Grade::scored(self.name(), Outcome::Malformed, 0.0);
        let note = "breaks the grammar".to_owned();
        grade.spans.extend(ids.get(broken).map(|node| Span { node: *node, value: 0.0, note }));
        Ok(grade)
    }
}

/// `pokee/over-long`: how over-long an attempt is, from 0 to 1. **Higher is worse.**
///
/// Its length is what the model wrote, in tokens, as its server counted them; where nobody did, there is no value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverLong {
    /// The length from which on it is over-long. 28,672, which is our choice.
    pub from: f64,
    /// The length from which on it costs all. 32,768, the window that the system trains with.
    pub to: f64,
}

impl Default for OverLong {
    fn default() -> Self {
        Self { from: 28_672.0, to: 32_768.0 }
    }
}

#[async_trait]
impl Grader for OverLong {
    fn name(&self) -> &str {
        "pokee/over-long@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let tokens: u64 = turns(attempt)
            .filter_map(|(_, node)| node.as_sampled())
            .map(|sampled| match &sampled.tokens {
                Some(tokens) if !tokens.ids().is_empty() => tokens.ids().len() as u64,
                _ => sampled.usage.completion_tokens,
            })
            .sum();
        if tokens == 0 {
            return Ok(Grade::unscored(self.name(), "nobody counted the tokens that the model wrote"));
        }
        let mut grade = measured(self.name(), attempt, over_long(tokens as f64, self.from, self.to));
        grade.components.insert("tokens".to_owned(), tokens as f64);
        Ok(grade)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
