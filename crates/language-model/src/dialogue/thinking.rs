//! Which reasoning the model sees again.

use offseeker_chat::dialect::Dialect;
use offseeker_trajectory::{Message, Role};
use serde::{Deserialize, Serialize};

/// Which reasoning the model sees again in later turns, and so which text of a dialogue can be learnt from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thinking {
    /// It sees all of it. Every turn of a dialogue is learnt from in one sequence.
    #[default]
    Keep,
    /// It sees what came after the last message of the user, as Qwen3 does.
    ///
    /// In one sequence, only the turns that stand in it as they were sampled, after the prompt that they were sampled
    /// from, are learnt from; the others are counted.
    StripBeforeLastUser,
    /// As `StripBeforeLastUser`, with a sequence for each message of the user that is answered: it ends with the last
    /// turn before the next such message, and the turns after its own message are learnt from. Every turn of the model
    /// is in exactly one of them, after the prompt that it was sampled from.
    ExplodePerTurn,
}

/// Where the last message of the user stands that is no observation in the user's name.
pub(super) fn last_asked(messages: &[Message], dialect: &Dialect) -> Option<usize> {
    messages.iter().rposition(|message| is_asked(message, dialect))
}

pub(super) fn is_asked(message: &Message, dialect: &Dialect) -> bool {
    let tags = &dialect.observation;
    message.role == Role::User && !(message.content.starts_with(&tags.open) && message.content.ends_with(&tags.close))
}

/// The message without its reasoning, if it has any.
pub(super) fn stripped(message: &Message, dialect: &Dialect) -> Option<Message> {
    if message.role != Role::Assistant {
        return None;
    }
    let close = dialect.reasoning.as_ref().map(|tags| tags.close.as_str());
    let rest =
        close.and_then(|close| message.content.rsplit_once(close)).map(|(_, rest)| rest.trim_start_matches('\n'));
    if rest.is_none() && message.reasoning.is_none() {
        return None;
    }
    let content = rest.unwrap_or(&message.content).to_owned();
    Some(Message { content, reasoning: None, ..message.clone() })
}

/// The reasoning of a message, trimmed: the server's own, or what stands between the tags.
pub(super) fn reasoning<'m>(message: &'m Message, dialect: &Dialect) -> Option<&'m str> {
    let inline = || {
        let tags = dialect.reasoning.as_ref()?;
        let (before, _) = message.content.split_once(&tags.close)?;
        Some(before.rsplit_once(&tags.open).map_or(before, |(_, inner)| inner))
    };
    message.reasoning.as_deref().or_else(inline).map(str::trim).filter(|text| !text.is_empty())
}
