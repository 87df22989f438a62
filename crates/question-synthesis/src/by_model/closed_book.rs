//! Throws out what a model knows without looking it up.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::ChatModel;

use super::Replies;
use serde_json::{Value, json};

use crate::prompt::Prompt;
use crate::{Draft, Judge, Pass, Rejection, SynthesisError};

const NAME: &str = "closed_book";

/// Throws drafts out that a model answers without looking anything up, be it once. Whether it would could not be found out
/// where the model does not reply, or its judge cannot be read: such a draft is never taken for a hard one.
#[derive(Debug, Clone)]
pub struct ClosedBook {
    model: Arc<dyn ChatModel>,
    judge: Judge,
    prompt: Prompt,
    /// How many replies are asked for: four samples and a greedy one.
    pub replies: Replies,
    /// How many of them may be right. 0.
    pub most_right: u32,
}

impl ClosedBook {
    /// Asks a model, and judges its replies.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, judge: Judge) -> Self {
        let prompt = Prompt::shipped(include_str!("../../prompts/closed_book.txt"), &["question"]);
        Self { model, judge, prompt, replies: Replies::default(), most_right: 0 }
    }

    /// Asks with another prompt, which fills in `{question}`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where it does not.
    pub fn prompted(self, prompt: &str) -> Result<Self, SynthesisError> {
        Ok(Self { prompt: Prompt::new(NAME, prompt, &["question"])?, ..self })
    }
}

#[async_trait]
impl Pass for ClosedBook {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> Value {
        json!({
            "model": self.model.name(),
            "prompt": self.prompt.hash(),
            "judge": self.judge.settings(),
            "replies": self.replies,
            "most_right": self.most_right,
        })
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let prompt = self.prompt.fill(&[("question", &draft.text)]);
        let tally = self.replies.judged(self.model.as_ref(), &self.judge, NAME, &draft, &prompt).await?;
        if tally.right > self.most_right {
            let reason = format!("{} of {} replies without research were right", tally.right, tally.of);
            return Err(Rejection::rejected(NAME, "known_without_research", reason));
        }
        draft.checks.closed_book = Some(tally);
        Ok(draft)
    }
}
