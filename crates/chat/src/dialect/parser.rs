//! Takes a text apart as it comes, in pieces of any size.

use std::ops::Range;

use offseeker_trajectory::ToolCall;

use super::scan::{BodyScan, Next, next_tag};
use super::{Dialect, Flaw, MAX_BYTES, Problem, Turn, body};

/// Something that became clear while a text came in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// More of the reasoning.
    Reasoning(String),
    /// More of what is outside of any tag.
    Text(String),
    /// More of the answer; not for answers in `\boxed{}`, which are text until the end.
    Answer(String),
    /// A call that is complete.
    Call(ToolCall),
    /// The model begins to write the answer of a tool itself. Nothing after that counts.
    HallucinatedObservation,
}

/// Takes a text apart as it comes. However it is cut into pieces, the turn is the same.
///
/// ```
/// use offseeker_chat::dialect::{Dialect, Event};
///
/// let mut parser = Dialect::shipped("qwen").expect("it comes with the crate").parser();
/// assert_eq!(parser.push("<thi"), []);
/// assert_eq!(parser.push("nk>A mill.</think><ans"), [Event::Reasoning("A mill.".into())]);
/// assert_eq!(parser.push("wer>the Orsa</answer>"), [Event::Answer("the Orsa".into())]);
/// assert_eq!(parser.finish().answer.as_deref(), Some("the Orsa"));
/// ```
#[derive(Debug)]
pub struct Parser<'d> {
    pub(super) dialect: &'d Dialect,
    /// The tags that count outside of any other, and what each means.
    tags: Vec<&'d str>,
    meanings: Vec<Meaning>,
    pub(super) text: String,
    pub(super) at: usize,
    pub(super) state: State,
    pub(super) outside: Vec<Range<usize>>,
    pub(super) reasonings: Vec<Range<usize>>,
    pub(super) answer: Option<Range<usize>>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) flaws: Vec<Flaw>,
    pub(super) is_full: bool,
    /// Where the last program or parameter ends, once that can be known.
    pub(super) last_end: usize,
}

#[derive(Debug)]
pub(super) enum State {
    /// Outside of any tag.
    Outside,
    /// In reasoning, in an answer or after the last action, which began here.
    Reasoning(usize),
    Answer(usize),
    Ended(usize),
    /// In a call of one of the kinds that the dialect knows.
    Call {
        kind: usize,
        start: usize,
        scan: BodyScan,
    },
    /// After the beginning of an observation.
    Cut,
}

/// What a tag means outside of any other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Meaning {
    Reasoning,
    ReasoningEnd,
    Call(usize),
    Answer,
    Observation,
    Wrapper,
    Stray,
}

impl Dialect {
    /// Takes a whole text apart.
    #[must_use]
    pub fn parse(&self, text: &str) -> Turn {
        let mut parser = self.parser();
        parser.push(text);
        parser.finish()
    }

    /// Takes a text apart as it comes.
    #[must_use]
    pub fn parser(&self) -> Parser<'_> {
        self.parser_from(self.starts_in_reasoning && self.reasoning.is_some())
    }

    pub(super) fn parser_from(&self, in_reasoning: bool) -> Parser<'_> {
        let (tags, meanings) = self.meanings().into_iter().unzip();
        Parser {
            dialect: self,
            tags,
            meanings,
            text: String::new(),
            at: 0,
            state: if in_reasoning { State::Reasoning(0) } else { State::Outside },
            outside: Vec::new(),
            reasonings: Vec::new(),
            answer: None,
            calls: Vec::new(),
            flaws: Vec::new(),
            is_full: false,
            last_end: usize::MAX,
        }
    }

    pub(super) fn meanings(&self) -> Vec<(&str, Meaning)> {
        let mut meanings = vec![
            (self.observation.open.as_str(), Meaning::Observation),
            (self.observation.close.as_str(), Meaning::Stray),
        ];
        if let Some(tags) = &self.reasoning {
            meanings.extend([(tags.open.as_str(), Meaning::Reasoning), (tags.close.as_str(), Meaning::ReasoningEnd)]);
        }
        for (kind, (tags, _)) in self.call_tags().into_iter().enumerate() {
            meanings.extend([(tags.open.as_str(), Meaning::Call(kind)), (tags.close.as_str(), Meaning::Stray)]);
        }
        if let Some(tags) = self.answer_tags() {
            meanings.extend([(tags.open.as_str(), Meaning::Answer), (tags.close.as_str(), Meaning::Stray)]);
        }
        if let Some(tags) = self.wrapper() {
            meanings.extend([(tags.open.as_str(), Meaning::Wrapper), (tags.close.as_str(), Meaning::Wrapper)]);
        }
        meanings
    }
}

impl Parser<'_> {
    /// Takes more of the text and says what became clear.
    pub fn push(&mut self, piece: &str) -> Vec<Event> {
        let room = piece.floor_char_boundary(MAX_BYTES - self.text.len());
        let room = if self.is_full { 0 } else { room };
        self.text.push_str(&piece[..room]);
        if room < piece.len() && !self.is_full {
            self.is_full = true;
            self.flaw(self.text.len(), Problem::TooLarge);
        }
        let mut events = Vec::new();
        self.go_on(false, &mut events);
        events
    }

    pub(super) fn go_on(&mut self, is_whole: bool, events: &mut Vec<Event>) {
        while match &self.state {
            State::Outside => self.outside(is_whole, events),
            State::Reasoning(_) | State::Answer(_) | State::Ended(_) => self.within(is_whole, events),
            State::Call { .. } => self.call(is_whole, events),
            State::Cut => false,
        } {}
    }

    pub(super) fn flaw(&mut self, at: usize, problem: Problem) {
        self.flaws.push(Flaw { at, problem });
    }

    /// Goes on to the next tag. Whether there was one.
    fn outside(&mut self, is_whole: bool, events: &mut Vec<Event>) -> bool {
        let next = next_tag(&self.text, self.at, &self.tags, is_whole);
        let end = match next {
            Next::Tag { at, .. } | Next::Held { at } => at,
            Next::Nothing => self.text.len(),
        };
        self.take_outside(end, events);
        let Next::Tag { at, which } = next else { return false };
        let (tag, meaning) = (self.tags[which], self.meanings[which]);
        self.at = at + tag.len();
        self.tag(at, tag, meaning, events);
        true
    }

    fn take_outside(&mut self, end: usize, events: &mut Vec<Event>) {
        if self.at == end {
            return;
        }
        events.push(Event::Text(self.text[self.at..end].to_owned()));
        match self.outside.last_mut() {
            Some(last) if last.end == self.at => last.end = end,
            _ => self.outside.push(self.at..end),
        }
        self.at = end;
    }

    fn tag(&mut self, at: usize, tag: &str, meaning: Meaning, events: &mut Vec<Event>) {
        let start = self.at;
        match meaning {
            Meaning::Reasoning => {
                if !self.reasonings.is_empty() {
                    self.flaw(at, Problem::SeveralReasonings);
                }
                self.state = State::Reasoning(start);
            }
            // The tag that opens it was part of the prompt.
            Meaning::ReasoningEnd if self.is_at_the_beginning() => {
                self.outside.clear();
                self.reasonings.push(0..at);
            }
            Meaning::Call(kind) => self.state = State::Call { kind, start, scan: BodyScan::new(start) },
            Meaning::Answer => self.state = State::Answer(start),
            Meaning::Observation => self.cut(at, events),
            Meaning::Wrapper => {}
            Meaning::Stray | Meaning::ReasoningEnd => self.flaw(at, Problem::StrayTag { tag: tag.to_owned() }),
        }
    }

    fn is_at_the_beginning(&self) -> bool {
        self.reasonings.is_empty() && self.calls.is_empty() && self.answer.is_none() && self.flaws.is_empty()
    }

    fn cut(&mut self, at: usize, events: &mut Vec<Event>) {
        self.flaw(at, Problem::HallucinatedObservation);
        self.state = State::Cut;
        events.push(Event::HallucinatedObservation);
    }

    /// Goes on to the end of reasoning, of an answer, or of all that counts. Whether it was there.
    fn within(&mut self, is_whole: bool, events: &mut Vec<Event>) -> bool {
        let dialect = self.dialect;
        let close = match &self.state {
            State::Reasoning(_) => dialect.reasoning.as_ref().map(|tags| tags.close.as_str()),
            State::Answer(_) => dialect.answer_tags().map(|tags| tags.close.as_str()),
            _ => None,
        };
        let observation = dialect.observation.open.as_str();
        let tags = [observation, close.unwrap_or(observation)];
        let next = next_tag(&self.text, self.at, &tags, is_whole);
        let end = match next {
            Next::Tag { at, .. } | Next::Held { at } => at,
            Next::Nothing => self.text.len(),
        };
        if self.at < end {
            let piece = self.text[self.at..end].to_owned();
            match &self.state {
                State::Reasoning(_) => events.push(Event::Reasoning(piece)),
                State::Answer(_) => events.push(Event::Answer(piece)),
                _ => {}
            }
            self.at = end;
        }
        let Next::Tag { at, which } = next else { return false };
        self.at = at + tags[which].len();
        self.end_of_within(at);
        if which == 0 {
            self.cut(at, events);
        }
        true
    }

    pub(super) fn end_of_within(&mut self, end: usize) {
        match std::mem::replace(&mut self.state, State::Outside) {
            State::Reasoning(start) => self.reasonings.push(start..end),
            State::Answer(start) => {
                self.answered(start..end);
                self.acted();
            }
            State::Ended(start) => {
                let text = self.text[start..end].trim();
                if !text.is_empty() {
                    let text = text.to_owned();
                    self.flaw(start, Problem::TextAfterAction { text });
                }
            }
            state => self.state = state,
        }
    }

    pub(super) fn answered(&mut self, range: Range<usize>) {
        if let Some(earlier) = self.answer.replace(range) {
            let answer = self.text[earlier.clone()].trim().to_owned();
            self.flaw(earlier.start, Problem::SeveralAnswers { answer });
        }
    }

    /// An action is complete.
    pub(super) fn acted(&mut self) {
        self.state = if self.dialect.one_action { State::Ended(self.at) } else { State::Outside };
    }

    /// Goes on to the end of a call. Whether it was there.
    fn call(&mut self, is_whole: bool, events: &mut Vec<Event>) -> bool {
        let dialect = self.dialect;
        let State::Call { kind, start, scan } = &mut self.state else { return false };
        let (kind, start) = (*kind, *start);
        let (tags, action) = dialect.call_tags()[kind];
        let Some(found) = scan.close(&self.text, &dialect.calls, tags, is_whole, self.last_end) else { return false };
        let passed_over = scan.passed_over;
        // A tag in a string does not count, if there is a string: a missing quote must not swallow other calls.
        let is_sound = |end: usize| {
            body::read(&dialect.calls, action, &self.text[start..end]).is_ok_and(|call| call.repair.is_none())
        };
        let end = passed_over.filter(|_| !is_sound(found)).unwrap_or(found);
        self.called(kind, start, end, events);
        self.at = end + tags.close.len();
        self.acted();
        true
    }

    pub(super) fn called(&mut self, kind: usize, start: usize, end: usize, events: &mut Vec<Event>) {
        let (_, action) = self.dialect.call_tags()[kind];
        let raw = &self.text[start..end];
        match body::read(&self.dialect.calls, action, raw) {
            Ok(_) if self.calls.len() >= self.dialect.most_calls => {
                let raw = raw.to_owned();
                self.flaw(start, Problem::TooManyCalls { raw });
            }
            Ok(call) => {
                events.push(Event::Call(call.clone()));
                self.calls.push(call);
            }
            Err(error) => {
                let raw = raw.to_owned();
                self.flaw(start, Problem::UnreadableCall { raw, error });
            }
        }
    }
}
