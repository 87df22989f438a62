//! Takes a text apart as it comes, in pieces of any size.

use std::ops::Range;

use offseeker_trajectory::ToolCall;

use super::scan::{BodyScan, Next, next_tag};
use super::{AnswerSyntax, Dialect, Flaw, MAX_BYTES, Problem, Turn, body, boxed};

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
    dialect: &'d Dialect,
    text: String,
    at: usize,
    state: State,
    outside: Vec<Range<usize>>,
    reasonings: Vec<Range<usize>>,
    answer: Option<Range<usize>>,
    calls: Vec<ToolCall>,
    flaws: Vec<Flaw>,
    is_full: bool,
    /// Where the last program or parameter ends, once that can be known.
    last_end: usize,
}

#[derive(Debug)]
enum State {
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
        Parser {
            dialect: self,
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

    /// Says what the text was once all of it is there.
    #[must_use]
    pub fn finish(mut self) -> Turn {
        let mut events = Vec::new();
        self.last_end = self.dialect.calls.last_end(&self.text);
        loop {
            self.go_on(true, &mut events);
            if !self.close_off() {
                return self.turn();
            }
        }
    }

    fn go_on(&mut self, is_whole: bool, events: &mut Vec<Event>) {
        while match &self.state {
            State::Outside => self.outside(is_whole, events),
            State::Reasoning(_) | State::Answer(_) | State::Ended(_) => self.within(is_whole, events),
            State::Call { .. } => self.call(is_whole, events),
            State::Cut => false,
        } {}
    }

    fn flaw(&mut self, at: usize, problem: Problem) {
        self.flaws.push(Flaw { at, problem });
    }

    /// Goes on to the next tag. Whether there was one.
    fn outside(&mut self, is_whole: bool, events: &mut Vec<Event>) -> bool {
        let meanings = self.dialect.meanings();
        let tags: Vec<&str> = meanings.iter().map(|(tag, _)| *tag).collect();
        let next = next_tag(&self.text, self.at, &tags, is_whole);
        let end = match next {
            Next::Tag { at, .. } | Next::Held { at } => at,
            Next::Nothing => self.text.len(),
        };
        self.take_outside(end, events);
        let Next::Tag { at, which } = next else { return false };
        let (tag, meaning) = meanings[which];
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
        let tags: Vec<&str> = std::iter::once(dialect.observation.open.as_str()).chain(close).collect();
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

    fn end_of_within(&mut self, end: usize) {
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

    fn answered(&mut self, range: Range<usize>) {
        if let Some(earlier) = self.answer.replace(range) {
            let answer = self.text[earlier.clone()].trim().to_owned();
            self.flaw(earlier.start, Problem::SeveralAnswers { answer });
        }
    }

    /// An action is complete.
    fn acted(&mut self) {
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

    fn called(&mut self, kind: usize, start: usize, end: usize, events: &mut Vec<Event>) {
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

    /// Closes what the text left open. Whether there is something to go on with.
    fn close_off(&mut self) -> bool {
        let end = self.text.len();
        match &self.state {
            State::Outside | State::Cut => false,
            State::Ended(_) => {
                self.end_of_within(end);
                self.state = State::Cut;
                false
            }
            State::Answer(start) => {
                let start = *start;
                let tag = self.dialect.answer_tags().map(|tags| tags.close.clone()).unwrap_or_default();
                self.flaw(start, Problem::Unclosed { tag });
                self.answered(start..end);
                self.state = State::Cut;
                false
            }
            State::Reasoning(start) => {
                let start = *start;
                self.close_reasoning(start)
            }
            State::Call { kind, start, scan } => {
                let (kind, start, passed_over) = (*kind, *start, scan.passed_over);
                self.close_call(kind, start, passed_over)
            }
        }
    }

    /// Reasoning without an end goes on to the first action in it, if there is one.
    fn close_reasoning(&mut self, start: usize) -> bool {
        let dialect = self.dialect;
        let tag = dialect.reasoning.as_ref().map(|tags| tags.close.clone()).unwrap_or_default();
        self.flaw(start, Problem::Unclosed { tag });
        let calls = dialect.call_tags();
        let actions: Vec<&str> = calls
            .iter()
            .map(|(tags, _)| &tags.open)
            .chain(dialect.answer_tags().map(|tags| &tags.open))
            .map(String::as_str)
            .collect();
        let action = match next_tag(&self.text, start, &actions, true) {
            Next::Tag { at, .. } => Some(at),
            Next::Held { .. } | Next::Nothing => None,
        };
        let end = action.unwrap_or(self.text.len());
        self.reasonings.push(start..end);
        self.at = end;
        self.state = if action.is_some() { State::Outside } else { State::Cut };
        action.is_some()
    }

    /// A call without an end counts only if it is whole. A tag that was passed over is taken for its end.
    fn close_call(&mut self, kind: usize, start: usize, passed_over: Option<usize>) -> bool {
        let (tags, action) = self.dialect.call_tags()[kind];
        let mut events = Vec::new();
        if let Some(end) = passed_over {
            self.called(kind, start, end, &mut events);
            self.at = end + tags.close.len();
            self.acted();
            return true;
        }
        let end = self.text.len();
        self.flaw(start, Problem::Unclosed { tag: tags.close.clone() });
        match body::read(&self.dialect.calls, action, &self.text[start..end]) {
            // Half a call that was mended is not what was meant.
            Ok(call) if !call.repair.is_none() => {
                let error = crate::arguments::ArgumentError::syntax(end - start, "the rest of the call");
                self.flaw(start, Problem::UnreadableCall { raw: self.text[start..end].to_owned(), error });
            }
            _ => self.called(kind, start, end, &mut events),
        }
        self.state = State::Cut;
        false
    }

    fn turn(mut self) -> Turn {
        let reasoning = self.reasoning();
        let text = match self.dialect.answer {
            AnswerSyntax::Tagged { .. } => self.joined(&self.outside),
            AnswerSyntax::Boxed => self.unbox(),
        };
        if !self.calls.is_empty()
            && let Some(answer) = &self.answer
        {
            self.flaw(answer.start, Problem::CallAndAnswer);
        }
        self.flaws.sort_by_key(|flaw| flaw.at);
        let answer = self.answer.map(|range| self.text[range].trim().to_owned());
        Turn { reasoning, text, calls: self.calls, answer, flaws: self.flaws }
    }

    fn reasoning(&self) -> Option<String> {
        let whole = self.joined(&self.reasonings);
        let whole = match &self.dialect.reasoning {
            // The model wrote the tag although the prompt ends with it.
            Some(tags) if self.dialect.starts_in_reasoning => {
                whole.strip_prefix(tags.open.as_str()).map(|rest| rest.trim().to_owned()).unwrap_or(whole)
            }
            _ => whole,
        };
        (!self.reasonings.is_empty()).then_some(whole)
    }

    fn joined(&self, ranges: &[Range<usize>]) -> String {
        let pieces = ranges.iter().map(|range| self.text[range.clone()].trim()).filter(|piece| !piece.is_empty());
        pieces.collect::<Vec<_>>().join("\n")
    }

    /// Takes the answer out of the text, which is what remains.
    fn unbox(&mut self) -> String {
        let mut rest = Vec::new();
        for piece in self.outside.clone() {
            let mut from = piece.start;
            let mut kept = String::new();
            for found in boxed::find_all(&self.text[piece.clone()]) {
                let place = |at: usize| piece.start + at;
                if !found.is_closed {
                    self.flaw(place(found.whole.start), Problem::Unclosed { tag: "}".to_owned() });
                }
                kept.push_str(&self.text[from..place(found.whole.start)]);
                from = place(found.whole.end);
                self.answered(place(found.inner.start)..place(found.inner.end));
            }
            kept.push_str(&self.text[from..piece.end]);
            rest.push(kept.trim().to_owned());
        }
        rest.retain(|piece| !piece.is_empty());
        rest.join("\n")
    }
}
