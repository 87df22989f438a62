//! Tokens with their places in the text, where only some of the text may hold special tokens.

use std::ops::Range;

use super::{Tokenizer, TokenizerError, cannot_encode, check_white_space};

/// Tokens, and the bytes of the text that each stands for.
///
/// The places never go backwards; tokens that share a character share its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The tokens.
    pub ids: Vec<u32>,
    /// The bytes of the text that each token stands for.
    pub places: Vec<Range<usize>>,
}

impl Encoded {
    fn push(&mut self, id: u32, place: Range<usize>) {
        self.ids.push(id);
        self.places.push(place);
    }

    fn extend(&mut self, other: Self, by: usize) {
        self.ids.extend(other.ids);
        self.places.extend(other.places.into_iter().map(|place| place.start + by..place.end + by));
    }
}

impl Tokenizer {
    /// Splits a text in which the spelling of a special token is text within `literal` and that token elsewhere, and cuts
    /// it at `cuts`, so that no token reaches over one.
    ///
    /// Without literal ranges and cuts this is [`encode_markup`](Self::encode_markup) with places.
    pub(crate) fn encode_around(
        &self,
        text: &str,
        literal: &[Range<usize>],
        cuts: &[usize],
    ) -> Result<Encoded, TokenizerError> {
        check_white_space(text)?;
        let whole = self.encode_parts(text, literal)?;
        let mut out = Encoded::default();
        let mut done = 0;
        for (which, &cut) in cuts.iter().enumerate() {
            // The text between two special tokens is split by itself, so a cut changes nothing beyond them.
            let from = self.special_end_before(&whole, done, cut);
            let first = whole.places.partition_point(|place| place.start < from);
            let alone = self.encode_text(&text[from..cut])?;
            let until = first + alone.ids.len();
            let fits = whole.ids.get(first..until) == Some(&alone.ids)
                && whole.places[..first].last().is_none_or(|place| place.end <= from)
                && whole.places[first..until].iter().all(|place| place.end <= cut)
                && whole.places.get(until).is_none_or(|place| place.start >= cut);
            if fits {
                continue;
            }
            let next_cut = cuts.get(which + 1).copied().unwrap_or(text.len());
            let to = self.special_start_after(&whole, cut, text.len()).min(next_cut);
            copy(&whole, done, from, &mut out);
            out.extend(alone, from);
            out.extend(self.encode_text(&text[cut..to])?, cut);
            done = to;
        }
        copy(&whole, done, text.len(), &mut out);
        Ok(out)
    }

    fn encode_parts(&self, text: &str, literal: &[Range<usize>]) -> Result<Encoded, TokenizerError> {
        if literal.is_empty() {
            return encode_with(&self.markup, text);
        }
        if let Some(token) = &self.greedy {
            return Err(TokenizerError::Greedy { token: token.clone() });
        }
        let mut out = Encoded::default();
        let mut done = 0;
        for (at, token, id) in self.specials_outside(text, literal) {
            out.extend(self.encode_text(&text[done..at])?, done);
            out.push(id, at..at + token.len());
            done = at + token.len();
        }
        out.extend(self.encode_text(&text[done..])?, done);
        Ok(out)
    }

    /// The special tokens that no literal range touches, from left to right, of two at one place the longer.
    fn specials_outside<'s>(&'s self, text: &str, literal: &[Range<usize>]) -> Vec<(usize, &'s str, u32)> {
        let mut found: Vec<(usize, &str, u32)> = Vec::new();
        for (token, id) in self.specials() {
            found.extend(text.match_indices(token).map(|(at, _)| (at, token, id)));
        }
        found.sort_by_key(|&(at, token, _)| (at, std::cmp::Reverse(token.len())));
        let mut free = 0;
        let mut literal = literal.iter().peekable();
        found.retain(|&(at, token, _)| {
            let end = at + token.len();
            while literal.next_if(|range| range.end <= at).is_some() {}
            let keep = at >= free && literal.peek().is_none_or(|range| range.start >= end);
            if keep {
                free = end;
            }
            keep
        });
        found
    }

    fn encode_text(&self, text: &str) -> Result<Encoded, TokenizerError> {
        encode_with(self.plain(), text)
    }

    fn special_end_before(&self, whole: &Encoded, done: usize, cut: usize) -> usize {
        let before = whole.places.partition_point(|place| place.end <= cut);
        let specials = (0..before).rev().take_while(|&at| whole.places[at].start >= done);
        specials.into_iter().find(|&at| self.is_special(whole.ids[at])).map_or(done, |at| whole.places[at].end)
    }

    fn special_start_after(&self, whole: &Encoded, cut: usize, end: usize) -> usize {
        let after = whole.places.partition_point(|place| place.start < cut);
        (after..whole.ids.len()).find(|&at| self.is_special(whole.ids[at])).map_or(end, |at| whole.places[at].start)
    }
}

/// Copies the tokens of `from..to`, which begins and ends at a token's border.
fn copy(whole: &Encoded, from: usize, to: usize, out: &mut Encoded) {
    let first = whole.places.partition_point(|place| place.start < from);
    let last = whole.places.partition_point(|place| place.start < to);
    for at in first..last {
        out.push(whole.ids[at], whole.places[at].clone());
    }
}

fn encode_with(tokenizer: &tokenizers::Tokenizer, text: &str) -> Result<Encoded, TokenizerError> {
    let encoding = tokenizer.encode(text, false).map_err(cannot_encode)?;
    let places = encoding.get_offsets().iter().map(|&(start, end)| start..end).collect();
    Ok(Encoded { ids: encoding.get_ids().to_vec(), places })
}
