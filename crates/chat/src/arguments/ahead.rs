//! Whether a quote in a string ends it, or belongs to the text because the model forgot to escape it.

use super::cursor::Cursor;
use super::lenient::{Lenient, is_name};
use super::text::{is_quote, may_close};

/// How far is looked ahead. What would take longer to tell is taken at its word: a quote ends a string.
const LOOK_AHEAD: usize = 256;

impl Lenient<'_> {
    /// Whether a quote that was just taken ends its string.
    ///
    /// It does unless what follows cannot follow a string there; so a text that is JSON5 is never read otherwise.
    pub(super) fn string_ends_here(&self) -> bool {
        let (mut ahead, is_cut) = self.cursor.within(LOOK_AHEAD);
        ahead.skip_space();
        let mut depth = self.open.len();
        while let Some(closer @ ('}' | ']')) = ahead.peek() {
            match self.open[..depth].iter().rposition(|due| *due == closer) {
                Some(at) => depth = at,
                None => return depth == 0 || only_closers(ahead.rest(), is_cut),
            }
            ahead.bump();
            ahead.skip_space();
        }
        let is_within_object = depth > 0 && self.open[depth - 1] == '}';
        match ahead.peek() {
            None => true,
            // After the last closer a quote shows that the closers belonged to the text.
            Some(_) if depth == 0 => is_cut || !ahead.rest().contains('"') || ahead.rest().trim() == "\"",
            Some(',' | '，') => {
                ahead.bump();
                ahead.skip_space();
                if is_within_object { may_be_key(&mut ahead) } else { may_be_item(&ahead) }
            }
            // A comma may be missing, but then there is at least some space.
            Some(_) if ahead.at == self.cursor.at => false,
            Some(_) if is_within_object => may_be_key(&mut ahead),
            Some(next) => is_quote(next) || matches!(next, '{' | '['),
        }
    }
}

fn only_closers(rest: &str, is_cut: bool) -> bool {
    !is_cut && rest.chars().all(|c| c.is_whitespace() || matches!(c, '}' | ']'))
}

/// Whether a field may begin here, or the object end.
fn may_be_key(ahead: &mut Cursor<'_>) -> bool {
    match ahead.bump() {
        None | Some('}' | ']') => return true,
        Some(quote) if is_quote(quote) => {
            skip_string(ahead, quote);
        }
        Some(letter) if is_name(letter) => {
            ahead.take_while(|c| is_name(c) || matches!(c, '-' | '.'));
        }
        Some(_) => return false,
    }
    ahead.skip_space();
    ahead.peek().is_none_or(|next| matches!(next, ':' | '：'))
}

/// Steps to the end of a string, of which the first quote is already taken.
fn skip_string(ahead: &mut Cursor<'_>, quote: char) {
    loop {
        ahead.take_while(|c| c != '\\' && !may_close(quote, c));
        if ahead.bump() != Some('\\') {
            return;
        }
        ahead.bump();
    }
}

/// Whether a value may begin here, or the array end.
fn may_be_item(ahead: &Cursor<'_>) -> bool {
    match ahead.peek() {
        None => true,
        Some(next) if is_quote(next) || next.is_ascii_digit() => true,
        Some('{' | '[' | '}' | ']' | '-' | '+' | '.') => true,
        Some(_) => {
            let word = ahead.clone().take_while(is_name);
            matches!(word, "true" | "false" | "null" | "True" | "False" | "None" | "NaN" | "Infinity")
        }
    }
}
