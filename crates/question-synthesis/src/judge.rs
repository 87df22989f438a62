//! Whether a reply is right.

use std::sync::Arc;

use offseeker_chat::ChatModel;
use offseeker_grading::judges::{Form, Verdict};
use offseeker_grading::{GradeError, Judge as Asked, Judgement, Prompt};
use serde_json::{Value, json};

use crate::names::compared;
use crate::prompt::tagged;
use crate::{Draft, Rejection, SynthesisError};

/// What a judge's prompt fills in.
const DECLARED: [&str; 3] = ["question", "answer", "response"];

/// Whether a reply is right: by the spellings of the answer, and where these are not the same, by a model if there is one.
///
/// Spellings are compared without case, marks, punctuation and leading articles. The model votes twice, and a third time
/// where its votes differ. How it is asked and read is a [`Form`] of judges.
#[derive(Debug, Clone)]
pub struct Judge {
    model: Option<Asked>,
    form: Form,
    prompt: Prompt,
}

impl Default for Judge {
    fn default() -> Self {
        let form = Form::Offseeker;
        Self { model: None, form, prompt: form.prompt() }
    }
}

impl Judge {
    /// What decides how it judges.
    pub(crate) fn settings(&self) -> Value {
        let model = self.model.as_ref().map(|model| json!([model.name(), model.sampling, model.tries]));
        json!({ "model": model, "form": self.form.as_str(), "prompt": self.prompt.hash() })
    }

    /// Goes by spellings alone.
    #[must_use]
    pub fn by_spelling() -> Self {
        Self::default()
    }

    /// Asks a model where spellings differ.
    #[must_use]
    pub fn by_model(model: Arc<dyn ChatModel>) -> Self {
        Self::asking(Asked::new(model), Form::Offseeker)
    }

    /// Asks a judge of [`offseeker_grading`], in a form: one whose replies are recorded, for one, or samples otherwise.
    #[must_use]
    pub fn asking(judge: Asked, form: Form) -> Self {
        Self { model: Some(judge), form, prompt: form.prompt() }
    }

    /// Asks with another prompt, which fills in `{question}`, `{answer}` and `{response}`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where it does not.
    pub fn prompted(self, prompt: &str) -> Result<Self, SynthesisError> {
        let wrong = |error: GradeError| SynthesisError::Prompt { pass: "judge".to_owned(), reason: error.to_string() };
        Ok(Self { prompt: Prompt::new("judge", prompt, &DECLARED).map_err(wrong)?, ..self })
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
        let Some(model) = self.model.as_ref().filter(|_| !spoken.is_empty()) else { return Ok(Verdict::Incorrect) };
        let spellings: Vec<&str> = draft.plan.answer.spellings().collect();
        let filled = [("question", draft.text.as_str()), ("answer", &spellings.join("; ")), ("response", said)];
        let mut votes = Vec::new();
        for number in 0..3 {
            let read = |reply: &str| self.form.read(reply);
            let judged = model.ask(pass, &self.prompt, &filled, number, read).await;
            let vote = match judged.map_err(|error| Rejection::undetermined(pass, &error.kind(), error.to_string()))? {
                Judgement::Read(ruling) => ruling.verdict,
                Judgement::Unreadable { .. } => Verdict::Undetermined,
            };
            if vote != Verdict::Undetermined && votes.contains(&vote) {
                return Ok(vote);
            }
            votes.push(vote);
        }
        Ok(Verdict::Undetermined)
    }
}
