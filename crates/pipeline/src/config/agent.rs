//! How agents work, and how often they attempt a question.

use std::time::Duration;

use offseeker_agent_loop::Limits;
use serde::{Deserialize, Serialize};

use super::section::section;

/// What of a conversation an agent keeps in view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContextKind {
    /// Everything.
    #[default]
    Full,
    /// Everything but the reasoning of older turns.
    StripOldReasoning,
}

section! {
    /// How all agents of a run work.
    AgentConfig {
        /// The protocol that is shipped under this name: how an agent and its model speak.
        protocol: String = "few-words".to_owned(),
        /// The profile that is shipped under this name: which tools there are.
        profile: String = "few-words".to_owned(),
        /// What of the conversation is kept in view: `full` or `strip_old_reasoning`.
        context: ContextKind = ContextKind::Full,
        /// How many titles a search of a made-up encyclopedia shows.
        hits: usize = 5,
        /// The most turns of an attempt.
        turns: u32 = 16,
        /// The most calls of an attempt.
        calls: u32 = 12,
        /// The most tokens that fit into the window of a model.
        window: u64 = 4_096,
        /// The most tokens of a reply.
        reply_tokens: u64 = 100,
        /// The most seconds of an attempt.
        seconds: u64 = 3_600,
    }
}

impl AgentConfig {
    /// The limits of an attempt.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            turns: self.turns,
            calls: self.calls,
            context: self.window,
            reserve: self.reply_tokens.saturating_mul(2).min(self.window / 2),
            wall_time: Duration::from_secs(self.seconds),
            ..Limits::default()
        }
    }
}

section! {
    /// How often the teacher attempts the questions to learn from.
    AttemptsConfig {
        /// How many times each question is attempted.
        times: u32 = 1,
        /// How many attempts are made at once.
        at_once: usize = 64,
        /// The temperature at which a model that teaches samples.
        temperature: f64 = 0.7,
    }
}

section! {
    /// How the student attempts questions to learn from.
    RolloutsConfig {
        /// How many questions are attempted; those that take one page are left out.
        questions: usize = 1_000,
        /// How many times each.
        times: u32 = 4,
        /// How many attempts are made at once.
        at_once: usize = 64,
        /// The temperature at which it samples.
        temperature: f64 = 0.7,
    }
}
