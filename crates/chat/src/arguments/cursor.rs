//! A place in a text, and the step over white space and comments.

use offseeker_trajectory::Repair;

/// A place in a text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The same place in a text that goes on for at most `bytes` from there, and whether that cut something off.
    pub(super) fn within(&self, bytes: usize) -> (Self, bool) {
        let end = self.text.floor_char_boundary(self.at.saturating_add(bytes));
        (Self { text: &self.text[..end], at: self.at }, end < self.text.len())
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Takes what fits the rule from here on.
    pub(super) fn take_while(&mut self, rule: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !rule(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// Steps over white space and comments and says what that took.
    pub(super) fn skip_space(&mut self) -> Repair {
        let mut worst = Repair::None;
        while let Some(next) = self.peek() {
            worst = worst.max(match next {
                ' ' | '\t' | '\n' | '\r' => {
                    self.at += 1;
                    Repair::None
                }
                '/' if self.rest().starts_with("//") => {
                    self.take_while(|c| !matches!(c, '\n' | '\r'));
                    Repair::Json5
                }
                '/' if self.rest().starts_with("/*") => self.skip_comment(),
                // The last is a byte order mark.
                _ if next.is_whitespace() || next == '\u{feff}' => {
                    self.at += next.len_utf8();
                    Repair::Json5
                }
                _ => break,
            });
        }
        worst
    }

    fn skip_comment(&mut self) -> Repair {
        match self.rest()[2..].find("*/") {
            Some(length) => {
                self.at += length + 4;
                Repair::Json5
            }
            None => {
                self.at = self.text.len();
                Repair::Mended
            }
        }
    }
}
