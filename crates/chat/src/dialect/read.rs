//! Reads a message whoever took it apart, and closes what a stop string cut off.

use offseeker_trajectory::{Message, Repair, ToolCall};

use super::{Dialect, Flaw, Problem, Turn};
use crate::{Finish, arguments};

impl Dialect {
    /// Reads a message: what the server took apart, and what is left in the text.
    #[must_use]
    pub fn read(&self, message: &Message) -> Turn {
        let Some(native) = &message.reasoning else { return with_native(self.parse(&message.content), message) };
        let mut parser = self.parser_from(false);
        parser.push(&message.content);
        let mut turn = parser.finish();
        let parts = [native.trim(), turn.reasoning.as_deref().unwrap_or_default()];
        turn.reasoning = Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n"));
        with_native(turn, message)
    }

    /// Adds the closing tag that a stop string took away, and nothing else.
    ///
    /// Where the server does not say what it stopped at, the tag is added only to a call that is whole without it and
    /// to an answer.
    pub fn close(&self, text: &mut String, finish: &Finish) {
        let Finish::Stop { on } = finish else { return };
        let closers = self.closers();
        match on {
            Some(stop) if closers.contains(&stop.as_str()) => text.push_str(stop),
            Some(_) => {}
            None => {
                if let Some(tag) = self.missing_closer(text).filter(|tag| self.stop.contains(tag)) {
                    text.push_str(&tag);
                }
            }
        }
    }

    fn missing_closer(&self, text: &str) -> Option<String> {
        let turn = self.parse(text);
        let is_whole_but_for = |tag: &String| {
            let others = turn.flaws.iter().filter(|flaw| !matches!(&flaw.problem, Problem::Unclosed { .. }));
            others.count() == 0 && self.reasoning.as_ref().is_none_or(|tags| tags.close != *tag)
        };
        let unclosed = turn.flaws.iter().find_map(|flaw| match &flaw.problem {
            Problem::Unclosed { tag } => Some(tag.clone()),
            _ => None,
        });
        unclosed.filter(is_whole_but_for)
    }

    fn closers(&self) -> Vec<&str> {
        let calls = self.call_tags().into_iter().map(|(tags, _)| tags.close.as_str());
        let answer = self.answer_tags().map(|tags| tags.close.as_str());
        let wrapper = self.wrapper().map(|tags| tags.close.as_str());
        calls.chain(answer).chain(wrapper).collect()
    }
}

fn with_native(mut turn: Turn, message: &Message) -> Turn {
    if message.tool_calls.is_empty() {
        return turn;
    }
    let native = message.tool_calls.iter().map(|call| {
        let repair = arguments::read(&call.arguments).map_or(Repair::Unreadable, |read| read.repair);
        ToolCall { repair, ..call.clone() }
    });
    let was_without = turn.calls.is_empty();
    turn.calls.splice(0..0, native);
    if was_without && turn.answer.is_some() {
        turn.flaws.push(Flaw { at: message.content.len(), problem: Problem::CallAndAnswer });
    }
    turn
}
