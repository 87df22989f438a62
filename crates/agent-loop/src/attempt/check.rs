//! Whether an attempt goes on, and with which words.

use std::ops::ControlFlow;
use std::time::Duration;

use offseeker_trajectory::{Correction, Limit, Message, Node, StopReason};

use super::Attempt;
use crate::limits::Taken;
use crate::protocol::in_words;
use crate::{Halt, Pause, tokens};

/// How often a model may write neither a call nor an answer before the attempt ends.
const SILENCES: u32 = 3;

impl Attempt<'_> {
    /// Whether the next turn is to be taken, or there was something to say first.
    pub(super) async fn check(&mut self) -> Result<ControlFlow<()>, Halt> {
        if let Some(stop) = self.end() {
            return Err(Halt::Ended(stop));
        }
        if self.stop.is_asked() {
            return Err(Pause::Stopped.into());
        }
        let Some((why, text)) = self.correction() else { return Ok(ControlFlow::Continue(())) };
        // A conversation that is too long is shortened before it is given up.
        if why == (Correction::LastTurn { limit: Limit::Context }) && self.rewrite().await? {
            return Ok(ControlFlow::Break(()));
        }
        let parent = self.course.tip.expect("a conversation has begun");
        self.push(Node::corrective(parent, Message::user(text), why)).await?;
        Ok(ControlFlow::Break(()))
    }

    /// The reason to end, where there is one.
    fn end(&self) -> Option<StopReason> {
        let course = &self.course;
        let answered = course.answer.is_some();
        if answered && (course.checked_answer || self.agent.protocol.check_answer.is_none() || course.is_over) {
            return Some(match course.last_turn {
                Some(why) => StopReason::ForcedAnswer { why },
                None => StopReason::Answered,
            });
        }
        if let Some(which) = course.last_turn.filter(|_| course.is_over) {
            return Some(StopReason::Limit { which });
        }
        if self.agent.limits.blocked.is_some_and(|limit| course.blocked >= limit) {
            return Some(StopReason::Forbidden);
        }
        if course.resampled > self.agent.resamples || course.silent > SILENCES {
            return Some(course.last_turn.map_or(StopReason::Malformed, |which| StopReason::Limit { which }));
        }
        (course.watch.circles() && course.watch.has_warned()).then_some(StopReason::Loop)
    }

    /// What the model is told before it takes the next turn.
    fn correction(&self) -> Option<(Correction, String)> {
        let (course, protocol) = (&self.course, &self.agent.protocol);
        if course.last_turn.is_some() {
            return None;
        }
        if let Some(limit) = self.agent.limits.reached(&self.taken()) {
            return Some(self.last_turn(limit));
        }
        if course.answer.is_some() {
            let text = protocol.check_answer.clone().unwrap_or_default();
            return Some((Correction::Unverified, text));
        }
        if course.watch.circles() {
            return Some((Correction::Circling, protocol.circling.clone()));
        }
        let is_silent = course.silent > 0 && !course.is_told;
        is_silent.then(|| (Correction::Silent, protocol.silent.clone()))
    }

    pub(super) fn last_turn(&self, limit: Limit) -> (Correction, String) {
        let text = self.agent.protocol.last_turn.fill(&[("limit", in_words(limit))]);
        (Correction::LastTurn { limit }, text)
    }

    /// What the attempt has taken so far.
    fn taken(&self) -> Taken {
        let now = self.clock.now();
        Taken {
            turns: self.course.turns,
            calls: self.course.calls,
            usage: self.course.usage,
            context: self.context(),
            spent: Duration::from_millis(now.spent_ms),
            waited: Duration::from_millis(now.waited_ms),
        }
    }

    /// How long the conversation is, in tokens.
    pub(super) fn context(&self) -> u64 {
        self.course.tip.map_or(0, |tip| tokens::conversation(&self.trajectory, tip))
    }
}
