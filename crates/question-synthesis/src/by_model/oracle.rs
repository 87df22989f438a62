//! Throws out what a model cannot answer with all evidence before it.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::ChatModel;

use super::Replies;
use serde_json::{Value, json};

use crate::planner::unread;
use crate::prompt::Prompt;
use crate::statements::statements;
use crate::{Draft, Ground, Judge, Pass, Rejection, SynthesisError};

const NAME: &str = "oracle";
const DECLARED: [&str; 2] = ["question", "evidence"];

/// Throws drafts out that a model cannot answer although it has everything before it that the question rests on,
/// with everything named: the statements of its clues, what is asked of whom, and the quotes that support them.
#[derive(Debug, Clone)]
pub struct Oracle {
    ground: Arc<Ground>,
    model: Arc<dyn ChatModel>,
    judge: Judge,
    prompt: Prompt,
    /// How many replies are asked for: four samples.
    pub replies: Replies,
    /// How many of them have to be right. 3.
    pub least_right: u32,
}

impl Oracle {
    /// Asks a model, and judges its replies.
    #[must_use]
    pub fn new(ground: Arc<Ground>, model: Arc<dyn ChatModel>, judge: Judge) -> Self {
        let prompt = Prompt::shipped(include_str!("../../prompts/oracle.txt"), &DECLARED);
        Self { ground, model, judge, prompt, replies: Replies { greedy: 0, ..Replies::default() }, least_right: 3 }
    }

    /// Asks with another prompt, which fills in `{question}` and `{evidence}`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where it does not.
    pub fn prompted(self, prompt: &str) -> Result<Self, SynthesisError> {
        Ok(Self { prompt: Prompt::new(NAME, prompt, &DECLARED)?, ..self })
    }
}

#[async_trait]
impl Pass for Oracle {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> Value {
        json!({
            "model": self.model.name(),
            "prompt": self.prompt.hash(),
            "judge": self.judge.settings(),
            "replies": self.replies,
            "least_right": self.least_right,
        })
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let evidence = statements(&self.ground, &draft.plan).map_err(|it| unread(NAME, &it))?;
        let prompt = self.prompt.fill(&[("question", &draft.text), ("evidence", &evidence)]);
        let tally = self.replies.judged(self.model.as_ref(), &self.judge, NAME, &draft, &prompt).await?;
        if tally.right < self.least_right {
            let reason = format!("{} of {} replies with all evidence were right", tally.right, tally.of);
            return Err(Rejection::rejected(NAME, "not_solvable", reason));
        }
        draft.checks.oracle = Some(tally);
        Ok(draft)
    }
}
