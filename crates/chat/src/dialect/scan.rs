//! Finds tags in a text that may not be complete yet, and the end of a call.

use super::{CallSyntax, Tags};

/// What was found from a place on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A tag.
    Tag {
        /// Where it begins.
        at: usize,
        /// Which of those looked for it is.
        which: usize,
    },
    /// What may become a tag when more of the text is there.
    Held {
        /// Where it begins.
        at: usize,
    },
    /// Nothing.
    Nothing,
}

/// Looks for the first of some tags. Every tag begins with `<` and has no other `<` in it.
pub(super) fn next_tag(text: &str, from: usize, tags: &[&str], is_whole: bool) -> Next {
    let mut from = from;
    while let Some(found) = text[from..].find('<') {
        let at = from + found;
        let rest = &text[at..];
        if let Some(which) = tags.iter().position(|tag| rest.starts_with(tag)) {
            return Next::Tag { at, which };
        }
        if !is_whole && tags.iter().any(|tag| tag.starts_with(rest)) {
            return Next::Held { at };
        }
        from = at + 1;
    }
    Next::Nothing
}

impl CallSyntax {
    fn code_tags(&self) -> Option<&Tags> {
        match self {
            Self::Json { code: Some(code), .. } => Some(&code.tags),
            _ => None,
        }
    }

    /// Where the last program or parameter of a text ends.
    pub(super) fn last_end(&self, text: &str) -> usize {
        let tag = match self {
            Self::Xml { .. } => Some(PARAMETER_END),
            _ => self.code_tags().map(|tags| tags.close.as_str()),
        };
        tag.and_then(|tag| text.rfind(tag)).unwrap_or(0)
    }
}

/// The way through the body of a call: tags in its strings, programs and parameters do not count.
#[derive(Debug)]
pub(super) struct BodyScan {
    at: usize,
    inside: Inside,
    /// The first closing tag that did not count.
    pub(super) passed_over: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Nothing in particular.
    Plain,
    /// A string of JSON.
    Text,
    /// A program.
    Code,
    /// The value of a parameter.
    Parameter,
}

const PARAMETER: &str = "<parameter=";
const PARAMETER_END: &str = "</parameter>";

impl BodyScan {
    pub(super) fn new(at: usize) -> Self {
        Self { at, inside: Inside::Plain, passed_over: None }
    }

    /// Goes on until the tag that closes the call, and says where it begins; none if it is not there yet.
    ///
    /// Behind `last_end` no program and no parameter ends, so none begins there.
    pub(super) fn close(
        &mut self,
        text: &str,
        syntax: &CallSyntax,
        tags: &Tags,
        is_whole: bool,
        last_end: usize,
    ) -> Option<usize> {
        let code = syntax.code_tags();
        let is_json = matches!(syntax, CallSyntax::Json { .. });
        let is_xml = matches!(syntax, CallSyntax::Xml { .. });
        let bytes = text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match (self.inside, byte) {
                (Inside::Text, b'\\') => self.at += 1,
                (Inside::Text, b'"') => self.inside = Inside::Plain,
                (Inside::Plain, b'"') if is_json => self.inside = Inside::Text,
                (_, b'<') => {
                    let rest = &text[self.at..];
                    if rest.starts_with(&tags.close) {
                        if self.inside == Inside::Plain {
                            return Some(self.at);
                        }
                        self.passed_over = self.passed_over.or(Some(self.at));
                    }
                    let steps = [
                        (Inside::Plain, code.map(|code| code.open.as_str()), Inside::Code),
                        (Inside::Code, code.map(|code| code.close.as_str()), Inside::Plain),
                        (Inside::Plain, is_xml.then_some(PARAMETER), Inside::Parameter),
                        (Inside::Parameter, is_xml.then_some(PARAMETER_END), Inside::Plain),
                    ];
                    let tag_of = |tag: &Option<&'_ str>| tag.is_some_and(|tag| tag.starts_with(rest) && tag != rest);
                    if !is_whole && (tags.close.starts_with(rest) || steps.iter().any(|(_, tag, _)| tag_of(tag))) {
                        return None;
                    }
                    let step = steps.iter().find(|(from, tag, to)| {
                        let may_begin = *to == Inside::Plain || self.at < last_end;
                        *from == self.inside && may_begin && tag.is_some_and(|tag| rest.starts_with(tag))
                    });
                    self.inside = step.map_or(self.inside, |(_, _, to)| *to);
                }
                _ => {}
            }
            self.at += 1;
        }
        None
    }
}
