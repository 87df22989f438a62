//! What is left to do once the whole text is there: closing what is open, and putting the turn together.

use std::ops::Range;

use super::parser::{Parser, State};
use super::scan::{Next, next_tag};
use super::{AnswerSyntax, Problem, Turn, body, boxed};
use crate::arguments::ArgumentError;

impl Parser<'_> {
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
                let error = ArgumentError::syntax(end - start, "the rest of the call");
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
