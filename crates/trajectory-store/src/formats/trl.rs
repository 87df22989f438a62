//! TRL's rows: `{messages, tools}`, `{prompt, chosen, rejected, tools}`, `{prompt, completion, label, tools}`.
//!
//! `tools` is a text that holds a list, and the arguments of a call are the text that the model wrote: as objects, the
//! type that the `datasets` library gives them would hang on which calls the first rows happen to hold.

use offseeker_trajectory::{
    Body, Message, Pair, QuestionId, Sample, SampleId, Trajectory, WeightedMessage, content_id,
};
use serde_json::{Map, Value, json};

use super::conversation::Conversation;
use super::error::check_pair;
use super::fields::Fields;
use super::{Branches, RowError, kept, message, openai, tagged, tool};

pub(super) const NAME: &str = "trl";

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: &Conversation| Ok(kept::with(trajectory, NAME, Value::Object(fields(conversation)?)));
    Conversation::all_or_empty(trajectory, branches)?.iter().map(row).collect()
}

/// The fields of a row to imitate.
pub(super) fn fields(conversation: &Conversation) -> Result<Map<String, Value>, RowError> {
    tagged::something(&conversation.messages)?;
    let mut row = Map::new();
    row.insert("messages".to_owned(), message::all_written(&conversation.messages));
    row.insert("tools".to_owned(), tools(conversation));
    Ok(row)
}

/// The tools as a text that holds a list.
fn tools(conversation: &Conversation) -> Value {
    json!(tools_text(conversation))
}

/// A list of tools as a text.
pub(super) fn tools_text(conversation: &Conversation) -> String {
    conversation.tools.iter().map(tool::wrapped).collect::<Value>().to_string()
}

/// The fields of a row to prefer by.
pub(super) fn pair_fields(pair: &Pair) -> Result<Map<String, Value>, RowError> {
    let (prompt, chosen, rejected) = sides(pair)?;
    let mut row = Map::new();
    row.insert("prompt".to_owned(), message::all_written(&prompt.messages));
    row.insert("chosen".to_owned(), message::all_written(&chosen));
    row.insert("rejected".to_owned(), message::all_written(&rejected));
    row.insert("tools".to_owned(), tools(&prompt));
    Ok(row)
}

/// What both attempts of a pair begin with, and how each goes on.
pub(super) fn sides(pair: &Pair) -> Result<(Conversation, Vec<Message>, Vec<Message>), RowError> {
    let mut prompt = Conversation::of_sample(&pair.chosen)?;
    let mut other = Conversation::of_sample(&pair.rejected)?;
    if prompt.messages.len() < pair.fork || prompt.messages.get(..pair.fork) != other.messages.get(..pair.fork) {
        let reason = format!("is {}, but the attempts do not begin with as many equal messages", pair.fork);
        return Err(RowError::field("fork", reason));
    }
    if prompt.tools != other.tools {
        return Err(RowError::field("rejected.body.value.tools", "are not those of `chosen`, but a row has one list"));
    }
    let (chosen, rejected) = (prompt.messages.split_off(pair.fork), other.messages.split_off(pair.fork));
    tagged::something(&chosen).and_then(|()| tagged::something(&rejected))?;
    Ok((prompt, chosen, rejected))
}

/// The two rows of a pair for methods that want single completions with a label: the better one, then the worse one.
///
/// # Errors
///
/// When the pair holds tokens, its attempts do not begin with `fork` equal messages, or it is of a
/// [sealed](RowError::Sealed) benchmark.
pub fn unpaired(pair: &Pair) -> Result<[String; 2], RowError> {
    check_pair(pair)?;
    unpaired_exposed(pair)
}

/// The same, though the pair may be of a sealed benchmark: for who keeps the file as the benchmark is kept.
///
/// # Errors
///
/// As [`unpaired`], but for that.
pub fn unpaired_exposed(pair: &Pair) -> Result<[String; 2], RowError> {
    let (prompt, chosen, rejected) = sides(pair)?;
    let row = |completion: &[Message], label: bool| {
        let row = json!({
            "prompt": message::all_written(&prompt.messages),
            "completion": message::all_written(completion),
            "label": label,
            "tools": tools(&prompt),
        });
        row.to_string()
    };
    Ok([row(&chosen, true), row(&rejected, false)])
}

/// Reads a completion with a label.
///
/// # Errors
///
/// When the line is no such row.
pub fn read_unpaired(line: &str) -> Result<(Sample, bool), RowError> {
    let mut row = Fields::parse(line)?;
    let label = match row.take("label") {
        Some(Value::Bool(label)) => label,
        Some(_) => return Err(RowError::field("label", "is not true or false")),
        None => return Err(RowError::missing("label")),
    };
    let prompt = Conversation { messages: row.messages("prompt")?, tools: row.tools("tools")? };
    let completion = row.messages("completion")?;
    Ok((sample(&prompt, completion)?, label))
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let id = row.id()?;
    let mut trajectory = openai::of_conversation(openai::conversation(&mut row)?)?;
    trajectory.id = id;
    kept::keep(&mut trajectory, NAME, row.rest());
    Ok(trajectory)
}

/// Reads a row to prefer by: the prompt and both completions.
pub(super) fn read_sides(row: &mut Fields) -> Result<(Conversation, Vec<Message>, Vec<Message>), RowError> {
    let prompt = Conversation { messages: row.messages("prompt")?, tools: row.tools("tools")? };
    Ok((prompt, row.messages("chosen")?, row.messages("rejected")?))
}

/// A pair of two ways to go on from a prompt; it is named by what it holds.
pub(super) fn pair(prompt: &Conversation, chosen: Vec<Message>, rejected: Vec<Message>) -> Result<Pair, RowError> {
    let question = content_id(&prompt.messages).map_err(RowError::unwritable)?;
    Ok(Pair {
        question: QuestionId::new(question),
        chosen: sample(prompt, chosen)?,
        rejected: sample(prompt, rejected)?,
        fork: prompt.messages.len(),
        margin: None,
    })
}

/// A sample of which the model's messages after the prompt count; it is named by what it holds.
pub(super) fn sample(prompt: &Conversation, completion: Vec<Message>) -> Result<Sample, RowError> {
    let read = prompt.messages.iter().cloned().map(|message| WeightedMessage::new(message, 0.0));
    let counted = completion.into_iter().map(|message| {
        let weight = if message.role == offseeker_trajectory::Role::Assistant { 1.0 } else { 0.0 };
        WeightedMessage::new(message, weight)
    });
    let body = Body::Messages { messages: read.chain(counted).collect(), tools: prompt.tools.clone() };
    let id = content_id(&body).map(SampleId::new).map_err(RowError::unwritable)?;
    Ok(Sample { id, body, from: None, metadata: offseeker_trajectory::Metadata::new() })
}
