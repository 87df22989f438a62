//! Whether a reply is right.

use std::sync::Arc;

use offseeker_chat::{ChatModel, Sampling};
use serde_json::{Value, json};

use crate::names::compared;
use crate::prompt::{Prompt, ask, object, tagged};
use crate::{Draft, Rejection, SynthesisError};

/// What a judge's prompt fills in.
const DECLARED: [&str; 3] = ["question", "answer", "reply"];

/// Whether a reply is right: by the spellings of the answer, and where these are not the same, by a model if there is one.
///
/// Spellings are compared without case, marks, punctuation and leading articles. The model votes twice, and a third time
/// where its votes differ.
#[derive(Debug, Clone)]
pub struct Judge {
    model: Option<Arc<dyn ChatModel>>,
    prompt: Prompt,
    /// How its model is to sample. Votes have different seeds.
    pub sampling: Sampling,
}

/// What is thought of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is right.
    Correct,
    /// It is wrong, or says nothing.
    Incorrect,
    /// It could not be told.
    Undetermined,
}

impl Default for Judge {
    fn default() -> Self {
        let prompt = Prompt::shipped(include_str!("../prompts/judge.txt"), &DECLARED);
        Self { model: None, prompt, sampling: Sampling::greedy() }
    }
}

impl Judge {
    /// What decides how it judges.
    pub(crate) fn settings(&self) -> Value {
        let model = self.model.as_deref().map(ChatModel::name);
        json!({ "model": model, "prompt": self.prompt.hash(), "sampling": self.sampling })
    }

    /// Goes by spellings alone.
    #[must_use]
    pub fn by_spelling() -> Self {
        Self::default()
    }

    /// Asks a model where spellings differ.
    #[must_use]
    pub fn by_model(model: Arc<dyn ChatModel>) -> Self {
        Self { model: Some(model), ..Self::default() }
    }

    /// Asks with another prompt, which fills in `{question}`, `{answer}` and `{reply}`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where it does not.
    pub fn prompted(self, prompt: &str) -> Result<Self, SynthesisError> {
        Ok(Self { prompt: Prompt::new("judge", prompt, &DECLARED)?, ..self })
    }

    /// Judges a reply to the question of a draft.
    ///
    /// # Errors
    ///
    /// An undetermined [`Rejection`] where the model does not reply.
    pub async fn judge(&self, pass: &str, draft: &Draft, reply: &str) -> Result<Verdict, Rejection> {
        let said = tagged(reply, "answer").unwrap_or(reply);
        let spoken = compared(said);
        if draft.plan.answer.spellings().any(|spelling| compared(spelling) == spoken) {
            return Ok(Verdict::Correct);
        }
        let Some(model) = &self.model else { return Ok(Verdict::Incorrect) };
        if spoken.is_empty() {
            return Ok(Verdict::Incorrect);
        }
        let spellings: Vec<&str> = draft.plan.answer.spellings().collect();
        let filled = [("question", draft.text.as_str()), ("answer", &spellings.join("; ")), ("reply", said)];
        let prompt = self.prompt.fill(&filled);
        let mut votes = Vec::new();
        for number in 0..3 {
            let sampling = Sampling { seed: Some(number), ..self.sampling.clone() };
            let vote = verdict(&ask(model.as_ref(), pass, draft, prompt.clone(), &sampling).await?);
            if vote != Verdict::Undetermined && votes.contains(&vote) {
                return Ok(vote);
            }
            votes.push(vote);
        }
        Ok(Verdict::Undetermined)
    }
}

/// Reads a verdict: the JSON that is asked for, or what other judges write.
fn verdict(reply: &str) -> Verdict {
    let said = object(reply).and_then(|object| object.get("verdict")?.as_str().map(str::to_lowercase));
    let said = said.or_else(|| tagged(reply, "judge").map(str::to_lowercase));
    let line = || reply.lines().rev().find_map(|line| line.to_lowercase().strip_prefix("correct:").map(str::to_owned));
    let said = said.or_else(line).unwrap_or_else(|| reply.trim().to_lowercase());
    match said.trim().trim_end_matches('.') {
        "correct" | "yes" | "a" => Verdict::Correct,
        "incorrect" | "no" | "b" => Verdict::Incorrect,
        _ => Verdict::Undetermined,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_read_in_the_ways_that_judges_write_them() {
        check(r#"{"verdict": "correct", "extracted": "x", "reason": ""}"#, Verdict::Correct);
        check("Well. {'verdict': 'INCORRECT'}", Verdict::Incorrect);
        check("<judge>Yes</judge>", Verdict::Correct);
        check("extracted_final_answer: x\nreasoning: it is\ncorrect: no", Verdict::Incorrect);
        check(" A ", Verdict::Correct);
        check("B.", Verdict::Incorrect);
        check(r#"{"verdict": "undetermined"}"#, Verdict::Undetermined);
        check("It is certainly not correct, yes", Verdict::Undetermined);
        check("", Verdict::Undetermined);
    }

    fn check(reply: &str, expected: Verdict) {
        assert_eq!(verdict(reply), expected, "{reply}");
    }
}
