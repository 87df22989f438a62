//! OffSeeker's runs: `{task, model, status, turns, conversations}`, each message a role and a text.

use offseeker_trajectory::Trajectory;
use serde_json::{Value, json};

use super::conversation::{self, Conversation};
use super::fields::Fields;
use super::offseeker_result::question;
use super::{Branches, RowError, kept, stop, tagged};

pub(super) const NAME: &str = "offseeker_run";

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: Conversation| {
        let row = json!({
            "task": trajectory.question.text,
            "model": trajectory.model,
            "status": trajectory.stop.as_ref().map(stop::word),
            "turns": tagged::turns(&conversation.messages),
            "conversations": tagged::written(&conversation.messages),
        });
        kept::with(trajectory, NAME, row)
    };
    Ok(Conversation::all_or_empty(trajectory, branches)?.into_iter().map(row).collect())
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let (id, task) = (row.id()?, row.text("task")?);
    let conversation = Conversation { messages: row.messages("conversations")?, tools: Vec::new() };
    let mut trajectory = Trajectory::new(question(task, None), 0);
    trajectory.id = id;
    trajectory.model = row.maybe_text("model")?;
    trajectory.stop = row.get("status").and_then(Value::as_str).and_then(stop::read);
    trajectory.answer = conversation.answer();
    if trajectory.stop.is_some() || row.get("status").is_some_and(Value::is_null) {
        row.take("status");
    }
    if row.get("turns") == Some(&json!(tagged::turns(&conversation.messages))) {
        row.take("turns");
    }
    conversation::push(&mut trajectory, conversation.messages)?;
    kept::keep(&mut trajectory, NAME, row.rest());
    Ok(trajectory)
}
