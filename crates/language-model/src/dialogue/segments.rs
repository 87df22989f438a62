//! Which part of a turn's text is reasoning, a call, its arguments, the answer, or neither.

use std::ops::Range;

use offseeker_chat::dialect::{AnswerSyntax, CallSyntax, Dialect};
use offseeker_trajectory::Segment;

/// A part of a turn, up to a byte.
pub(super) type Part = (usize, Segment);

/// Cuts the text of a turn into its segments: where each ends, in order, the last at the end of the text.
///
/// Tags belong to what they enclose, and white space to what stands before it.
pub(super) fn segments(text: &str, dialect: &Dialect, starts_in_reasoning: bool) -> Vec<Part> {
    let mut parts = Parts::default();
    let mut at = 0;
    if starts_in_reasoning && let Some(tags) = &dialect.reasoning {
        at = end_of(text, 0, &tags.close);
        at = text.len() - text[at..].trim_start().len();
        parts.push(at, Segment::Reasoning);
    }
    while at < text.len() {
        let Some(next) = next_opening(text, at, dialect) else { break };
        if !text[at..next.at].trim().is_empty() {
            parts.push(next.at, Segment::Text);
        }
        let inside = next.at + next.tag.len();
        at = match next.kind {
            Opening::Reasoning(close) => {
                let end = end_of(text, inside, close);
                parts.push(end, Segment::Reasoning);
                end
            }
            Opening::Answer(close) => {
                let end = end_of(text, inside, close);
                parts.push(end, Segment::Answer);
                end
            }
            Opening::Boxed => {
                let end = end_of_braces(text, inside);
                parts.push(end, Segment::Answer);
                end
            }
            Opening::Wrapper => {
                parts.push(inside, Segment::Call);
                inside
            }
            Opening::Call(close) => {
                let end = end_of_call(text, inside, close, dialect);
                let body = inside..end.saturating_sub(if text[..end].ends_with(close) { close.len() } else { 0 });
                if let Some(arguments) = arguments(text, body, dialect) {
                    parts.push(arguments.start, Segment::Call);
                    parts.push(arguments.end, Segment::Arguments);
                }
                parts.push(end, Segment::Call);
                end
            }
        };
        at = text.len() - text[at..].trim_start().len();
        parts.extend_to(at);
    }
    if at < text.len() {
        parts.push(text.len(), Segment::Text);
    }
    parts.0
}

#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    fn push(&mut self, end: usize, segment: Segment) {
        let start = self.0.last().map_or(0, |&(end, _)| end);
        match self.0.last_mut() {
            Some(last) if last.1 == segment => last.0 = end,
            _ if end > start => self.0.push((end, segment)),
            _ => {}
        }
    }

    fn extend_to(&mut self, end: usize) {
        if let Some(last) = self.0.last_mut() {
            last.0 = end;
        }
    }
}

struct Next<'d> {
    at: usize,
    tag: &'d str,
    kind: Opening<'d>,
}

#[derive(Clone, Copy)]
enum Opening<'d> {
    Reasoning(&'d str),
    Call(&'d str),
    Wrapper,
    Answer(&'d str),
    Boxed,
}

fn next_opening<'d>(text: &str, from: usize, dialect: &'d Dialect) -> Option<Next<'d>> {
    let mut openings: Vec<(&str, Opening<'_>)> = Vec::new();
    if let Some(tags) = &dialect.reasoning {
        openings.push((&tags.open, Opening::Reasoning(&tags.close)));
    }
    match &dialect.calls {
        CallSyntax::Json { tags, wrapper, .. } => {
            openings.push((&tags.open, Opening::Call(&tags.close)));
            openings.extend(
                wrapper
                    .iter()
                    .flat_map(|tags| [(tags.open.as_str(), Opening::Wrapper), (&tags.close, Opening::Wrapper)]),
            );
        }
        CallSyntax::Xml { tags } => openings.push((&tags.open, Opening::Call(&tags.close))),
        CallSyntax::Tagged { actions } => {
            openings
                .extend(actions.iter().map(|action| (action.tags.open.as_str(), Opening::Call(&action.tags.close))));
        }
    }
    match &dialect.answer {
        AnswerSyntax::Tagged { tags } => openings.push((&tags.open, Opening::Answer(&tags.close))),
        AnswerSyntax::Boxed => openings.push(("\\boxed{", Opening::Boxed)),
    }
    let found =
        openings.into_iter().filter_map(|(tag, kind)| Some(Next { at: from + text[from..].find(tag)?, tag, kind }));
    found.min_by_key(|next| next.at)
}

/// Where a tag ends, or the text.
fn end_of(text: &str, from: usize, close: &str) -> usize {
    text[from..].find(close).map_or(text.len(), |at| from + at + close.len())
}

/// Where a call ends: in JSON at the first closing tag outside of any string.
fn end_of_call(text: &str, from: usize, close: &str, dialect: &Dialect) -> usize {
    if !matches!(dialect.calls, CallSyntax::Json { code: None, .. }) {
        return end_of(text, from, close);
    }
    let mut at = from;
    while at < text.len() {
        match text.as_bytes()[at] {
            b'"' => at = end_of_string(text, at),
            b'<' if text[at..].starts_with(close) => return at + close.len(),
            _ => at += 1,
        }
    }
    end_of(text, from, close)
}

fn end_of_string(text: &str, open: usize) -> usize {
    let mut at = open + 1;
    while at < text.len() {
        match text.as_bytes()[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn end_of_braces(text: &str, from: usize) -> usize {
    let mut depth = 1;
    for (at, c) in text[from..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return from + at + 1;
        }
    }
    text.len()
}

/// Where the arguments stand in the body of a call.
fn arguments(text: &str, body: Range<usize>, dialect: &Dialect) -> Option<Range<usize>> {
    match &dialect.calls {
        CallSyntax::Json { .. } => {
            json_arguments(&text[body.clone()]).map(|found| found.start + body.start..found.end + body.start)
        }
        CallSyntax::Xml { .. } => {
            let open = text[body.clone()].find("<parameter=")? + body.start;
            let close = text[body.clone()].rfind("</parameter>")? + body.start + "</parameter>".len();
            (open < close).then_some(open..close)
        }
        CallSyntax::Tagged { .. } => (!body.is_empty()).then_some(body),
    }
}

/// Where the value of `arguments` stands in an object: from after its colon and white space to the end of the value.
fn json_arguments(body: &str) -> Option<Range<usize>> {
    let bytes = body.as_bytes();
    let (mut at, mut depth, mut start) = (0, 0_usize, None);
    while at < body.len() {
        let byte = bytes[at];
        if let Some(start) = start
            && depth == 1
            && matches!(byte, b',' | b'}')
        {
            return Some(start..start + body[start..at].trim_end().len());
        }
        match byte {
            b'"' => {
                let end = end_of_string(body, at);
                let is_key = depth == 1 && start.is_none() && &body[at..end.min(body.len())] == "\"arguments\"";
                at = end.min(body.len());
                if is_key && let Some(rest) = body[at..].trim_start().strip_prefix(':') {
                    at = body.len() - rest.trim_start().len();
                    start = Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    start.map(|start| start..start + body[start..].trim_end().len())
}
