//! OpenAI's messages: `{messages, tools}`.
//!
//! What a model writes as tags stays in `content`; calls and reasoning that a server returned apart stay apart.

use offseeker_trajectory::{Question, Trajectory};
use serde_json::{Map, Value};

use super::conversation::{self, Conversation};
use super::fields::Fields;
use super::{Branches, RowError, kept, message, tagged, tool};

pub(super) const NAME: &str = "openai";

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: &Conversation| Ok(kept::with(trajectory, NAME, Value::Object(fields(conversation)?)));
    Conversation::all_or_empty(trajectory, branches)?.iter().map(row).collect()
}

/// The fields of a row.
pub(super) fn fields(conversation: &Conversation) -> Result<Map<String, Value>, RowError> {
    tagged::something(&conversation.messages)?;
    let mut row = Map::new();
    row.insert("messages".to_owned(), message::all_written(&conversation.messages));
    if !conversation.tools.is_empty() {
        row.insert("tools".to_owned(), conversation.tools.iter().map(tool::wrapped).collect());
    }
    Ok(row)
}

/// The conversation of a row.
pub(super) fn conversation(row: &mut Fields) -> Result<Conversation, RowError> {
    Ok(Conversation { messages: row.messages("messages")?, tools: row.tools("tools")? })
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let id = row.id()?;
    let conversation = conversation(&mut row)?;
    let mut trajectory = of_conversation(conversation)?;
    trajectory.id = id;
    kept::keep(&mut trajectory, NAME, row.rest());
    Ok(trajectory)
}

/// An attempt of which nothing is known but what was said.
pub(super) fn of_conversation(conversation: Conversation) -> Result<Trajectory, RowError> {
    let mut trajectory = Trajectory::new(Question::new(conversation.question(), Vec::<String>::new()), 0);
    trajectory.answer = conversation.answer();
    trajectory.tools = conversation.tools;
    conversation::push(&mut trajectory, conversation.messages)?;
    Ok(trajectory)
}
