//! What a dialogue has to fulfil before it is rendered.

use offseeker_trajectory::{Message, Role};

use super::DialogueError;

/// The most bytes that a message may have: 4 MiB, as much as is ever read of a turn.
pub const MOST_BYTES: usize = 4 << 20;

/// Refuses roles out of order, messages that say nothing, and messages without measure.
pub(super) fn check(messages: &[Message]) -> Result<(), DialogueError> {
    if messages.is_empty() {
        return Err(DialogueError::NoMessages);
    }
    for (at, message) in messages.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| messages[before].role);
        if let Some(reason) = out_of_order(before, message.role) {
            return Err(DialogueError::Role { message: at, role: message.role, reason });
        }
        let bytes = size(message);
        if bytes > MOST_BYTES {
            return Err(DialogueError::TooLarge { message: at, bytes, most: MOST_BYTES });
        }
        // A tool may well have nothing to say: a program that prints nothing.
        if message.role != Role::Tool && says_nothing(message) {
            return Err(DialogueError::Empty { message: at, role: message.role });
        }
    }
    Ok(())
}

fn out_of_order(before: Option<Role>, role: Role) -> Option<&'static str> {
    match (before, role) {
        (None, Role::Assistant) => Some("somebody else speaks before the model"),
        (None | Some(Role::System | Role::User), Role::Tool) => Some("a tool answers a call of the model"),
        (Some(Role::System), Role::Assistant) => Some("somebody asks before the model speaks"),
        (Some(Role::Assistant), Role::Assistant) => Some("the model does not speak twice in a row; join the messages"),
        (Some(_), Role::System) => Some("instructions stand before everything else"),
        _ => None,
    }
}

fn says_nothing(message: &Message) -> bool {
    let reasons = message.reasoning.as_ref().is_some_and(|reasoning| !reasoning.trim().is_empty());
    let says = message.role == Role::Assistant && (reasons || !message.tool_calls.is_empty());
    message.content.trim().is_empty() && !says
}

fn size(message: &Message) -> usize {
    let calls = message.tool_calls.iter().map(|call| call.name.len() + call.arguments.len());
    message.content.len() + message.reasoning.as_ref().map_or(0, String::len) + calls.sum::<usize>()
}
