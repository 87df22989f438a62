//! What was said and seen so far, as a script reads it.

use offseeker_agent_loop::Protocol;
use offseeker_chat::dialect::{Dialect, Turn};
use offseeker_trajectory::{Message, Role, ToolCall};

/// What was said and seen so far, as a script reads it.
#[derive(Debug)]
pub(super) struct Transcript {
    /// The question, without what the protocol puts around it.
    pub(super) question: String,
    pub(super) rounds: Vec<Round>,
    /// What the loop said after the last round, where it said something.
    pub(super) notice: Option<Notice>,
    /// How many messages there are.
    pub(super) length: usize,
}

/// A turn of the model, and what it saw after it.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) turn: Turn,
    pub(super) seen: String,
}

/// Something that the loop says to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// It has to answer now.
    LastTurn,
    /// Its last turn was no use, or it goes in circles.
    Other,
}

impl Round {
    /// The call that was made, where there was one.
    pub(super) fn call(&self) -> Option<&ToolCall> {
        self.turn.calls.first()
    }
}

impl Transcript {
    pub(super) fn read(messages: &[Message], protocol: &Protocol, dialect: &Dialect) -> Self {
        let mut transcript = Self { question: String::new(), rounds: Vec::new(), notice: None, length: messages.len() };
        let mut messages = messages.iter().filter(|message| message.role != Role::System);
        if let Some(first) = messages.next() {
            transcript.question = unwrapped(&first.content, &protocol.question.fill(&[("question", MARK)]));
        }
        for message in messages {
            transcript.notice = None;
            match message.role {
                Role::Assistant => {
                    transcript.rounds.push(Round { turn: dialect.read(message), seen: String::new() });
                }
                _ => match (observation(message, dialect), transcript.rounds.last_mut()) {
                    (Some(seen), Some(round)) => round.seen.push_str(seen),
                    _ => transcript.notice = Some(notice(&message.content, protocol)),
                },
            }
        }
        transcript
    }
}

/// What stands for what a template is filled with.
const MARK: &str = "\u{1}";

/// What a template was filled with.
fn unwrapped(text: &str, template: &str) -> String {
    let (before, after) = template.split_once(MARK).unwrap_or(("", ""));
    let inner = text.strip_prefix(before).and_then(|text| text.strip_suffix(after));
    inner.unwrap_or(text).trim().to_owned()
}

/// What a tool answered, where a message holds that.
fn observation<'a>(message: &'a Message, dialect: &Dialect) -> Option<&'a str> {
    if message.role == Role::Tool {
        return Some(&message.content);
    }
    let (_, rest) = message.content.split_once(dialect.observation.open.as_str())?;
    let (seen, _) = rest.rsplit_once(dialect.observation.close.as_str())?;
    Some(seen.trim())
}

fn notice(text: &str, protocol: &Protocol) -> Notice {
    let last = protocol.last_turn.fill(&[("limit", MARK)]);
    let before = last.split(MARK).next().unwrap_or_default();
    if !before.is_empty() && text.starts_with(before) { Notice::LastTurn } else { Notice::Other }
}
