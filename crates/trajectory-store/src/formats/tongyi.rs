//! Tongyi's rollouts, `iter1.jsonl` and so on: `{question, answer, messages, prediction, termination}`.
//!
//! Each message is a role and a text; results of tools are said by the user, in tags.

use offseeker_trajectory::{Limit, StopReason, Trajectory};
use serde_json::{Value, json};

use super::conversation::{self, Conversation};
use super::fields::Fields;
use super::offseeker_result::{first_answer, question};
use super::{Branches, RowError, kept, stop, tagged};

pub(super) const NAME: &str = "tongyi";

/// What stands in the place of an answer where there is none.
const NO_ANSWER: &str = "No answer found.";
const OUT_OF_TIME: &str = "No answer found after 2h30mins";

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: Conversation| {
        let row = json!({
            "question": trajectory.question.text,
            "answer": first_answer(&trajectory.question),
            "messages": tagged::written(&conversation.messages),
            "prediction": trajectory.answer.as_deref().unwrap_or(NO_ANSWER),
            "termination": trajectory.stop.as_ref().map(termination),
        });
        kept::with(trajectory, NAME, row)
    };
    Ok(Conversation::all_or_empty(trajectory, branches)?.into_iter().map(row).collect())
}

/// Why an attempt ended, in Tongyi's words where it has them.
fn termination(reason: &StopReason) -> String {
    match reason {
        StopReason::Answered => "answer".to_owned(),
        StopReason::ForcedAnswer { why: Limit::Context } => "generate an answer as token limit reached".to_owned(),
        StopReason::Limit { which: Limit::Context } => {
            "format error: generate an answer as token limit reached".to_owned()
        }
        StopReason::Limit { which: Limit::Requests } => "exceed available llm calls".to_owned(),
        StopReason::Limit { which: Limit::WallTime } => OUT_OF_TIME.to_owned(),
        other => stop::word(other),
    }
}

fn stop_reason(termination: &str) -> Option<StopReason> {
    match termination {
        "answer" => Some(StopReason::Answered),
        "generate an answer as token limit reached" => Some(StopReason::ForcedAnswer { why: Limit::Context }),
        "format error: generate an answer as token limit reached" => Some(StopReason::Limit { which: Limit::Context }),
        "exceed available llm calls" | "answer not found" => Some(StopReason::Limit { which: Limit::Requests }),
        OUT_OF_TIME => Some(StopReason::Limit { which: Limit::WallTime }),
        other => stop::read(other),
    }
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let (id, text) = (row.id()?, row.text("question")?);
    let mut trajectory = Trajectory::new(question(text, row.text_if_any("answer")), 0);
    trajectory.id = id;
    trajectory.answer = row.text_if_any("prediction").filter(|answer| answer != NO_ANSWER);
    if let Some(told) = row.get("termination").and_then(Value::as_str).map(str::to_owned) {
        trajectory.stop = stop_reason(&told);
        if trajectory.stop.as_ref().is_some_and(|reason| termination(reason) == told) {
            row.take("termination");
        }
    }
    if !matches!(trajectory.stop, Some(StopReason::Answered | StopReason::ForcedAnswer { .. }) | None)
        && let Some(text) = trajectory.answer.take()
    {
        // Where it did not answer the field holds an apology, or all that the model said last.
        trajectory.metadata.insert(NAME.to_owned(), json!({"prediction": text}));
    }
    conversation::push(&mut trajectory, row.messages("messages")?)?;
    let mut rest = row.rest();
    if let Some(Value::Object(kept)) = trajectory.metadata.get(NAME) {
        rest.extend(kept.clone());
    }
    kept::keep(&mut trajectory, NAME, rest);
    Ok(trajectory)
}
