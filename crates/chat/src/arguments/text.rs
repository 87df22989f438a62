//! Strings: where they end, and what their escapes stand for.

use offseeker_trajectory::Repair;

use super::ArgumentError;
use super::lenient::Lenient;

/// What a string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The name of a field.
    Key,
    /// A value.
    Value,
}

/// Whether a string may begin with this character.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '„' | '‘' | '’')
}

/// Whether a string that begins with one may end with the other.
pub(super) fn may_close(quote: char, c: char) -> bool {
    match quote {
        '"' | '\'' => c == quote,
        '‘' | '’' => matches!(c, '‘' | '’' | '\''),
        _ => matches!(c, '“' | '”' | '"'),
    }
}

impl Lenient<'_> {
    pub(super) fn string(&mut self, place: Place) -> Result<String, ArgumentError> {
        let from = self.cursor.at;
        let quote = self.cursor.bump().unwrap_or('"');
        self.overlook(match quote {
            '"' => Repair::None,
            '\'' => Repair::Json5,
            _ => Repair::Mended,
        });
        let mut text = String::new();
        let mut has_inner_quotes = false;
        loop {
            text.push_str(self.cursor.take_while(|c| c >= ' ' && c != '\\' && !may_close(quote, c)));
            match self.cursor.bump() {
                Some('\\') => self.escape(&mut text),
                Some(control) if control < ' ' => {
                    self.overlook(if matches!(control, '\n' | '\r') { Repair::Mended } else { Repair::Json5 });
                    text.push(control);
                }
                Some(_) if place == Place::Key || self.string_ends_here() => return Ok(text),
                // A quote that belongs to the text.
                Some(inner) => {
                    self.overlook(Repair::Mended);
                    has_inner_quotes = true;
                    text.push(inner);
                }
                None if has_inner_quotes => return Err(ArgumentError::syntax(from, "a string that ends")),
                None => return self.never_closed(from, text),
            }
        }
    }

    /// The text of a string that has no end, where the text after it can only be the closers that are due.
    fn never_closed(&mut self, from: usize, mut text: String) -> Result<String, ArgumentError> {
        let raw = self.cursor.text();
        let mut kept = raw;
        for due in &self.open {
            kept = kept.trim_end().strip_suffix(*due).unwrap_or("");
        }
        let kept = kept.trim_end();
        // No escape lies in what is dropped, so it is as long in `text` as it is in the raw text.
        let dropped = raw.len() - kept.len();
        if self.open.is_empty() || text.len() <= dropped || kept.ends_with('\\') {
            return Err(ArgumentError::syntax(from, "a string that ends"));
        }
        text.truncate(text.len() - dropped);
        self.cursor.at = kept.len();
        self.overlook(Repair::Mended);
        Ok(text)
    }

    /// Takes an escape, of which the backslash is already taken.
    fn escape(&mut self, text: &mut String) {
        let before = self.cursor.at;
        let (meant, what) = match self.cursor.bump() {
            Some(c @ ('"' | '\\' | '/')) => (Some(c), Repair::None),
            Some('b') => (Some('\u{8}'), Repair::None),
            Some('f') => (Some('\u{c}'), Repair::None),
            Some('n') => (Some('\n'), Repair::None),
            Some('r') => (Some('\r'), Repair::None),
            Some('t') => (Some('\t'), Repair::None),
            Some('u') => self.unicode_escape(),
            Some('\'') => (Some('\''), Repair::Json5),
            Some('v') => (Some('\u{b}'), Repair::Json5),
            Some('0') if !self.cursor.peek().is_some_and(|c| c.is_ascii_digit()) => (Some('\0'), Repair::Json5),
            Some('x') => (self.hexadecimal(2).and_then(char::from_u32), Repair::Json5),
            Some('\n' | '\u{2028}' | '\u{2029}') => return self.overlook(Repair::Json5),
            Some('\r') => {
                if self.cursor.peek() == Some('\n') {
                    self.cursor.bump();
                }
                return self.overlook(Repair::Json5);
            }
            _ => (None, Repair::Mended),
        };
        match meant {
            Some(c) => {
                self.overlook(what);
                text.push(c);
            }
            // A regular expression, a formula, a path of Windows: the backslash is meant. The rest is read as text.
            None => {
                self.overlook(Repair::Mended);
                text.push('\\');
                self.cursor.at = before;
                if let Some(c) = self.cursor.peek().filter(|c| *c > ' ' && !is_quote(*c)) {
                    self.cursor.bump();
                    text.push(c);
                }
            }
        }
    }

    fn unicode_escape(&mut self) -> (Option<char>, Repair) {
        let Some(first) = self.hexadecimal(4) else { return (None, Repair::Mended) };
        if let Some(c) = char::from_u32(first) {
            return (Some(c), Repair::None);
        }
        // Half of a pair. Without its other half it stands for nothing.
        let before = self.cursor.at;
        if first < 0xdc00 && self.cursor.rest().starts_with("\\u") {
            self.cursor.at += 2;
            if let Some(second @ 0xdc00..=0xdfff) = self.hexadecimal(4) {
                let whole = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return (char::from_u32(whole), Repair::None);
            }
            self.cursor.at = before;
        }
        (Some(char::REPLACEMENT_CHARACTER), Repair::Mended)
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let spelled = self.cursor.rest().get(..digits).filter(|s| s.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.cursor.at += digits;
        u32::from_str_radix(spelled, 16).ok()
    }
}
