//! What was said, as text: a turn without its reasoning, an observation without its tags, a whole conversation.

use offseeker_chat::dialect::{Dialect, Tags};
use offseeker_trajectory::Message;

use super::passage::{Kind, Passage, message, passages, question_place};
use super::{Part, squeezed};
use crate::Desk;

/// What a conversation needs beside its messages where it is told to another model, in tokens.
const FRAME: u64 = 1_024;

/// A message of the model without the reasoning at its beginning.
///
/// Reasoning that is opened and never closed stays: what follows could not be told from it.
pub(crate) fn without_reasoning(dialect: &Dialect, message: &Message) -> Message {
    let mut bare = message.clone();
    bare.reasoning = None;
    if let Some(content) = after_reasoning(dialect, &message.content, message.reasoning.is_some()) {
        bare.content = content.to_owned();
    }
    bare
}

fn after_reasoning<'a>(dialect: &Dialect, content: &'a str, is_apart: bool) -> Option<&'a str> {
    let Tags { open, close } = dialect.reasoning.as_ref()?;
    let begins_within = dialect.starts_in_reasoning && !is_apart;
    if !begins_within && !content.trim_start().starts_with(open.as_str()) {
        return None;
    }
    content.split_once(close.as_str()).map(|(_, after)| after.trim_start())
}

/// What a tool answered, without the tags around it.
pub(crate) fn observed<'a>(dialect: &Dialect, content: &'a str) -> &'a str {
    let Tags { open, close } = &dialect.observation;
    let inside = content.split_once(open.as_str()).and_then(|(_, after)| after.rsplit_once(close.as_str()));
    inside.map_or(content, |(inside, _)| inside).trim()
}

/// What the model wrote: its reasoning, where a server returned it apart, its text and its calls.
pub(crate) fn written(message: &Message) -> String {
    let calls = message.tool_calls.iter().map(|call| format!("{} {}", call.name, call.arguments));
    let texts = [message.reasoning.as_deref().unwrap_or_default().trim(), message.content.trim()];
    let texts = texts.into_iter().filter(|text| !text.is_empty()).map(str::to_owned);
    texts.chain(calls).collect::<Vec<_>>().join("\n")
}

/// The conversation from the question on as one text, for another model to read. Where it would not fit into the room,
/// its longest observations are cut.
pub(super) fn history(desk: &Desk<'_, '_>) -> String {
    let (trajectory, path) = (desk.trajectory(), desk.path());
    let room = desk.room();
    let parts = squeezed(trajectory, &path, room - FRAME.min(room / 4));
    let parts = parts.unwrap_or_else(|| path.into_iter().map(Part::Keep).collect());
    let told = passages(desk).into_iter().zip(&parts).skip(question_place(trajectory));
    let told: Vec<String> = told.filter_map(|(passage, part)| paragraph(desk, passage, part)).collect();
    told.join("\n\n")
}

fn paragraph(desk: &Desk<'_, '_>, passage: Passage, part: &Part) -> Option<String> {
    let message = match part {
        Part::Keep(id) => message(desk, *id),
        Part::Put { message, .. } => message,
    };
    match passage.kind {
        // The question is told beside it.
        Kind::Opening => None,
        Kind::Turn => Some(format!("The agent:\n{}", written(message))),
        Kind::Observation => Some(format!("The tool:\n{}", observed(desk.dialect(), &message.content))),
        Kind::Correction => Some(format!("Said to the agent:\n{}", message.content.trim())),
        Kind::StandIn => Some(format!("Known before:\n{}", message.content.trim())),
    }
}
