//! Reads values that are almost JSON by recursive descent, and remembers the worst that it had to overlook.

use std::ops::Range;

use offseeker_trajectory::Repair;
use serde_json::{Map, Value};

use super::ArgumentError;
use super::cursor::Cursor;
use super::text::{Place, is_quote};

/// A reader of values that are almost JSON.
#[derive(Debug)]
pub(super) struct Lenient<'a> {
    pub(super) cursor: Cursor<'a>,
    /// The closers that are due, the innermost last.
    pub(super) open: Vec<char>,
    /// The worst that was overlooked so far.
    pub(super) worst: Repair,
    /// Where the values of the outermost object lie in the text.
    pub(super) spans: Vec<(String, Range<usize>)>,
    max_depth: usize,
}

impl<'a> Lenient<'a> {
    pub(super) fn new(text: &'a str, at: usize, max_depth: usize) -> Self {
        let cursor = Cursor::new(text, at);
        Self { cursor, open: Vec::new(), worst: Repair::None, spans: Vec::new(), max_depth }
    }

    pub(super) fn overlook(&mut self, what: Repair) {
        self.worst = self.worst.max(what);
    }

    pub(super) fn space(&mut self) {
        let what = self.cursor.skip_space();
        self.overlook(what);
    }

    pub(super) fn expected<T>(&self, what: impl Into<String>) -> Result<T, ArgumentError> {
        Err(ArgumentError::syntax(self.cursor.at, what))
    }

    pub(super) fn value(&mut self) -> Result<Value, ArgumentError> {
        match self.cursor.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some(quote) if is_quote(quote) => self.string(Place::Value).map(Value::String),
            Some('0'..='9' | '-' | '+' | '.') => self.number(),
            Some(letter) if letter.is_alphabetic() => self.word(),
            _ => self.expected("a value"),
        }
    }

    fn object(&mut self) -> Result<Value, ArgumentError> {
        self.enter('}')?;
        let is_outermost = self.open.iter().filter(|due| **due == '}').count() == 1;
        let mut fields = Map::new();
        self.space();
        while !self.ends('}') {
            let key = self.key()?;
            self.colon()?;
            let from = self.cursor.at;
            let value = self.value()?;
            if is_outermost {
                self.spans.push((key.clone(), from..self.cursor.at));
            }
            fields.insert(key, value);
            self.separator('}', |next| is_quote(next) || is_name(next))?;
        }
        self.open.pop();
        Ok(Value::Object(fields))
    }

    fn array(&mut self) -> Result<Value, ArgumentError> {
        self.enter(']')?;
        let mut items = Vec::new();
        self.space();
        while !self.ends(']') {
            items.push(self.value()?);
            self.separator(']', |next| is_quote(next) || matches!(next, '{' | '[' | '-') || next.is_alphanumeric())?;
        }
        self.open.pop();
        Ok(Value::Array(items))
    }

    fn enter(&mut self, closer: char) -> Result<(), ArgumentError> {
        if self.open.len() >= self.max_depth {
            return Err(ArgumentError::TooDeep { at: self.cursor.at, limit: super::MAX_DEPTH });
        }
        self.cursor.bump();
        self.open.push(closer);
        Ok(())
    }

    /// Whether the innermost container ends here; steps over the closer if it is its own.
    fn ends(&mut self, closer: char) -> bool {
        match self.cursor.peek() {
            Some(next) if next == closer => {
                self.cursor.bump();
                return true;
            }
            None => {}
            Some(next @ ('}' | ']')) if self.open.contains(&next) => {}
            // A closer that closes nothing is let pass only at the very end.
            Some('}' | ']') if self.cursor.rest().chars().all(|c| c.is_whitespace() || matches!(c, '}' | ']')) => {
                self.cursor.at = self.cursor.text().len();
            }
            Some(_) => return false,
        }
        self.overlook(Repair::Mended);
        true
    }

    fn key(&mut self) -> Result<String, ArgumentError> {
        match self.cursor.peek() {
            Some(quote) if is_quote(quote) => self.string(Place::Key),
            Some(letter) if is_name(letter) => {
                let name = self.cursor.take_while(|c| is_name(c) || matches!(c, '-' | '.'));
                let is_json5 = !name.contains(['-', '.']) && !name.starts_with(|c: char| c.is_numeric());
                self.overlook(if is_json5 { Repair::Json5 } else { Repair::Mended });
                Ok(name.to_owned())
            }
            _ => self.expected("the name of a field"),
        }
    }

    fn colon(&mut self) -> Result<(), ArgumentError> {
        self.space();
        match self.cursor.peek() {
            Some(':') => {}
            Some('：') => self.overlook(Repair::Mended),
            _ => return self.expected("':' and a value"),
        }
        self.cursor.bump();
        self.space();
        Ok(())
    }

    /// Steps over what lies between one item and the next.
    fn separator(&mut self, closer: char, starts_item: impl Fn(char) -> bool) -> Result<(), ArgumentError> {
        self.space();
        let mut commas = 0;
        while let Some(comma @ (',' | '，')) = self.cursor.peek() {
            self.cursor.bump();
            commas += 1;
            self.overlook(if commas > 1 || comma == '，' { Repair::Mended } else { Repair::None });
            self.space();
        }
        match self.cursor.peek() {
            Some('}' | ']') | None if commas > 0 => self.overlook(Repair::Json5),
            Some(next) if commas == 0 && starts_item(next) => self.overlook(Repair::Mended),
            Some('}' | ']') | None => {}
            Some(_) if commas > 0 => {}
            Some(_) => return self.expected(format!("',' or '{closer}'")),
        }
        Ok(())
    }
}

/// Whether a character may stand in a name that is not quoted.
pub(super) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}
