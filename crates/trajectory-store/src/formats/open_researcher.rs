//! OpenResearcher's shards: the fields of the data set, and `{qid, messages, latency_s, error, attempts, status}`.
//!
//! A rollout that failed has no messages there; it is read as an attempt without any, which failed.

use offseeker_trajectory::{QuestionId, StopReason, Trajectory};
use serde_json::{Value, json};

use super::conversation::{self, Conversation};
use super::fields::Fields;
use super::offseeker_result::{first_answer, question};
use super::{Branches, RowError, kept, message, stop};

pub(super) const NAME: &str = "open_researcher";

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: Conversation| {
        let row = json!({
            "question": trajectory.question.text,
            "answer": first_answer(&trajectory.question),
            "qid": trajectory.question.id.as_str(),
            "messages": message::all_written(&conversation.messages),
            "latency_s": seconds(trajectory),
            "error": trajectory.stop.as_ref().and_then(stop::failure),
            "attempts": 1,
            "status": trajectory.stop.as_ref().map(stop::word),
        });
        kept::with(trajectory, NAME, row)
    };
    Ok(Conversation::all_or_empty(trajectory, branches)?.into_iter().map(row).collect())
}

/// How long an attempt was under way, where its messages know when they were written.
pub(super) fn seconds(trajectory: &Trajectory) -> Option<f64> {
    let spent = trajectory.nodes().iter().filter_map(|node| node.at).map(|moment| moment.spent_ms).max()?;
    // A time that is told in seconds need not be exact beyond fifteen digits.
    #[allow(clippy::cast_precision_loss)]
    Some(spent as f64 / 1000.0)
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let id = row.id()?;
    let conversation = Conversation { messages: row.messages("messages")?, tools: Vec::new() };
    let asked = row.text_if_any("question").unwrap_or_else(|| conversation.question());
    let mut question = question(asked, row.text_if_any("answer"));
    if let Some(named) = row.text_if_any("qid") {
        question.id = QuestionId::new(named);
    }
    let mut trajectory = Trajectory::new(question, 0);
    trajectory.id = id;
    trajectory.answer = conversation.answer();
    trajectory.stop = row.get("status").and_then(Value::as_str).and_then(stop::read);
    if let Some(error) = row.get("error").filter(|error| !error.is_null()) {
        let reason = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
        trajectory.stop = Some(StopReason::ModelFailure { reason });
    }
    conversation::push(&mut trajectory, conversation.messages)?;
    kept::keep(&mut trajectory, NAME, row.rest());
    Ok(trajectory)
}
