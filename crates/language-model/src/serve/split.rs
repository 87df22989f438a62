//! Takes reasoning and calls out of a text as it comes, and leaves the rest as it is.

use offseeker_chat::dialect::{CallSyntax, Dialect, Problem, Tags, Turn};
use offseeker_trajectory::ToolCall;

/// What was added to a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) reasoning: String,
    pub(super) content: String,
    pub(super) calls: Vec<ToolCall>,
}

impl Delta {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Takes reasoning and calls out of a text as it comes.
///
/// Reasoning is what stands between its tags at the beginning. A call is taken out once it is whole and can be read; what
/// cannot be read stays in the text. White space around calls is dropped where there is nothing else.
#[derive(Debug)]
pub(super) struct Splitter {
    dialect: Dialect,
    calls: Vec<Tags>,
    state: State,
    held: String,
    /// White space that may turn out to stand beside calls alone.
    space: String,
    has_called: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Reasoning,
    Content,
    Call(usize),
}

impl Splitter {
    /// `in_reasoning` says whether the prompt opened the reasoning, `with_calls` whether calls are taken out.
    pub(super) fn new(dialect: &Dialect, in_reasoning: bool, with_calls: bool) -> Self {
        let calls = if with_calls { call_tags(&dialect.calls) } else { Vec::new() };
        let state = match &dialect.reasoning {
            Some(_) if in_reasoning => State::Reasoning,
            Some(_) => State::Start,
            None => State::Content,
        };
        let dialect = Dialect { starts_in_reasoning: false, ..dialect.clone() };
        Self { dialect, calls, state, held: String::new(), space: String::new(), has_called: false }
    }

    /// Adds text.
    pub(super) fn push(&mut self, text: &str) -> Delta {
        self.held.push_str(text);
        let mut delta = Delta::default();
        while self.step(&mut delta) {}
        delta
    }

    /// What is left once there is no more text.
    pub(super) fn finish(&mut self) -> Delta {
        let mut delta = Delta::default();
        let held = std::mem::take(&mut self.held);
        match self.state {
            State::Reasoning => delta.reasoning = held,
            State::Start | State::Content => self.say(&held, &mut delta),
            State::Call(_) => match self.read(&held) {
                Some(calls) => self.call(calls, &mut delta),
                None => self.say(&held, &mut delta),
            },
        }
        if !self.has_called {
            delta.content.push_str(&std::mem::take(&mut self.space));
        }
        delta
    }

    /// Goes on by a tag. Whether there may be more.
    fn step(&mut self, delta: &mut Delta) -> bool {
        match self.state {
            State::Start => self.start(),
            State::Reasoning => self.reason(delta),
            State::Content => self.speak(delta),
            State::Call(kind) => self.end_call(kind, delta),
        }
    }

    fn start(&mut self) -> bool {
        let Some(tags) = &self.dialect.reasoning else { return self.goto(State::Content) };
        let text = self.held.trim_start();
        if let Some(rest) = text.strip_prefix(&tags.open) {
            self.held = rest.to_owned();
            return self.goto(State::Reasoning);
        }
        // It may yet become the tag.
        if tags.open.starts_with(text) { false } else { self.goto(State::Content) }
    }

    fn reason(&mut self, delta: &mut Delta) -> bool {
        let Some(tags) = &self.dialect.reasoning else { return self.goto(State::Content) };
        match self.held.find(&tags.close) {
            Some(at) => {
                delta.reasoning.push_str(&self.held[..at]);
                self.held.drain(..at + tags.close.len());
                self.goto(State::Content)
            }
            None => {
                let certain = self.held.len() - begun(&self.held, [&tags.close]);
                delta.reasoning.extend(self.held.drain(..certain));
                false
            }
        }
    }

    fn speak(&mut self, delta: &mut Delta) -> bool {
        let opens = self.calls.iter().enumerate().filter_map(|(kind, tags)| Some((self.held.find(&tags.open)?, kind)));
        if let Some((at, kind)) = opens.min() {
            let before: String = self.held.drain(..at).collect();
            self.say(&before, delta);
            return self.goto(State::Call(kind));
        }
        let certain = self.held.len() - begun(&self.held, self.calls.iter().map(|tags| &tags.open));
        let said: String = self.held.drain(..certain).collect();
        self.say(&said, delta);
        false
    }

    /// Takes a call out that ends with one of the closing tags there are: the first after which it can be read.
    fn end_call(&mut self, kind: usize, delta: &mut Delta) -> bool {
        let close = self.calls[kind].close.clone();
        let ends: Vec<usize> = self.held.match_indices(&close).map(|(at, _)| at + close.len()).collect();
        for end in ends {
            if let Some(calls) = self.read(&self.held[..end]) {
                self.held.drain(..end);
                self.call(calls, delta);
                return self.goto(State::Content);
            }
        }
        false
    }

    /// The calls of a text, if it is nothing else.
    fn read(&self, text: &str) -> Option<Vec<ToolCall>> {
        let Turn { calls, flaws, text: rest, .. } = self.dialect.parse(text);
        let is_whole = flaws.iter().all(|flaw| matches!(flaw.problem, Problem::Unclosed { .. }));
        (!calls.is_empty() && is_whole && rest.is_empty()).then_some(calls)
    }

    fn call(&mut self, calls: Vec<ToolCall>, delta: &mut Delta) {
        self.space.clear();
        self.has_called = true;
        delta.calls.extend(calls);
    }

    fn say(&mut self, text: &str, delta: &mut Delta) {
        if self.calls.is_empty() {
            delta.content.push_str(text);
            return;
        }
        self.space.push_str(text);
        let certain = self.space.trim_end().len();
        delta.content.extend(self.space.drain(..certain));
    }

    fn goto(&mut self, state: State) -> bool {
        self.state = state;
        true
    }
}

fn call_tags(syntax: &CallSyntax) -> Vec<Tags> {
    match syntax {
        CallSyntax::Json { tags, wrapper, .. } => vec![wrapper.as_ref().unwrap_or(tags).clone()],
        CallSyntax::Xml { tags } => vec![tags.clone()],
        CallSyntax::Tagged { actions } => actions.iter().map(|action| action.tags.clone()).collect(),
    }
}

/// How many bytes at the end may begin one of some tags.
fn begun<'a>(text: &str, tags: impl IntoIterator<Item = &'a String>) -> usize {
    let of_tag = |tag: &String| {
        let longest = text.len().min(tag.len() - 1);
        (1..=longest).rev().find(|len| text.as_bytes().ends_with(&tag.as_bytes()[..*len])).unwrap_or(0)
    };
    tags.into_iter().map(of_tag).max().unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
