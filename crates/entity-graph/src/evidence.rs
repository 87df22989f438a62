//! Where something is written, word for word.

use serde::{Deserialize, Serialize};

use crate::near_match::near_match;

/// The smallest share of a quote that has to stand in a page as it is quoted.
pub const LEAST_RATIO: f64 = 0.9;

/// The longest quote that is looked for where it does not stand word for word, in characters.
const LONGEST_NEAR: usize = 4_096;

/// Where something is written, word for word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// The address of the page.
    pub url: String,
    /// The words as they stand there.
    pub quote: String,
    /// The hash of the text of the page, as [`page_hash`] makes it.
    pub page_hash: String,
    /// Where in the text of the page the words stand.
    pub span: Span,
    /// When the page was fetched, in milliseconds since 1970, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieved_at_ms: Option<u64>,
}

/// A part of a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Its first byte.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
}

/// How far a page supports a quote.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Support {
    /// The words stand where the evidence says.
    InPlace,
    /// The words stand elsewhere in the page.
    Moved(Span),
    /// Nearly the same words stand in the page: white space, hyphens, a letter are different.
    Near {
        /// Where.
        span: Span,
        /// Which share of the quote is the same; at least [`LEAST_RATIO`].
        ratio: f64,
    },
    /// The page does not say it.
    Missing,
}

impl Support {
    /// Whether the page says it.
    #[must_use]
    pub fn is_found(self) -> bool {
        self != Self::Missing
    }
}

impl Evidence {
    /// Quotes a part of a page's text; none where the part is empty or cuts a character.
    #[must_use]
    pub fn cut(url: &str, page_text: &str, part: std::ops::Range<usize>) -> Option<Self> {
        Self::cut_hashed(url, page_text, part, &page_hash(page_text))
    }

    /// As [`cut`](Self::cut), for those who cut much out of one page: `hash` is what [`page_hash`] says of its text.
    #[must_use]
    pub fn cut_hashed(url: &str, page_text: &str, part: std::ops::Range<usize>, hash: &str) -> Option<Self> {
        let quote = page_text.get(part.clone()).filter(|quote| !quote.is_empty())?;
        Some(Self {
            url: url.to_owned(),
            quote: quote.to_owned(),
            page_hash: hash.to_owned(),
            span: Span { start: part.start as u64, end: part.end as u64 },
            retrieved_at_ms: None,
        })
    }

    /// Quotes words of a page that somebody else wrote down, a model for one; none where the page does not say them.
    ///
    /// What is kept is what the page says, not what was written down.
    ///
    /// ```
    /// use offseeker_entity_graph::Evidence;
    ///
    /// let page = "The mill was built\nin 1704 by Ada Voss.";
    /// let found = Evidence::find("https://karlin.example/mill", page, "The mill was built in 1704").unwrap();
    /// assert_eq!(found.quote, "The mill was built\nin 1704");
    /// assert!(Evidence::find("https://karlin.example/mill", page, "The mill was burnt in 1932").is_none());
    /// ```
    #[must_use]
    pub fn find(url: &str, page_text: &str, quote: &str) -> Option<Self> {
        let span = match look(page_text, quote, None) {
            Support::InPlace | Support::Missing => return None,
            Support::Moved(span) | Support::Near { span, .. } => span,
        };
        let part = usize::try_from(span.start).ok()?..usize::try_from(span.end).ok()?;
        Self::cut(url, page_text, part)
    }

    /// Looks for the quote in the text of the page.
    #[must_use]
    pub fn check(&self, page_text: &str) -> Support {
        look(page_text, &self.quote, Some(self.span))
    }

    /// Whether this is the text that was quoted from.
    #[must_use]
    pub fn is_of(&self, page_text: &str) -> bool {
        self.page_hash == page_hash(page_text)
    }
}

/// The first 32 hexadecimal digits of the blake3 hash of a page's text.
#[must_use]
pub fn page_hash(page_text: &str) -> String {
    blake3::hash(page_text.as_bytes()).to_hex()[..32].to_owned()
}

fn look(text: &str, quote: &str, place: Option<Span>) -> Support {
    if quote.trim().is_empty() {
        return Support::Missing;
    }
    let stands = |span: &Span| {
        let (start, end) = (usize::try_from(span.start).ok()?, usize::try_from(span.end).ok()?);
        text.get(start..end).filter(|found| *found == quote)
    };
    if place.as_ref().and_then(stands).is_some() {
        return Support::InPlace;
    }
    if let Some(at) = text.find(quote) {
        return Support::Moved(Span { start: at as u64, end: (at + quote.len()) as u64 });
    }
    let length = quote.chars().count();
    if length > LONGEST_NEAR {
        return Support::Missing;
    }
    let Some((span, edits)) = near_match(text, quote) else { return Support::Missing };
    let ratio = 1.0 - edits as f64 / length as f64;
    if ratio >= LEAST_RATIO { Support::Near { span, ratio } } else { Support::Missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Karlin mill stands on the Orsa.\nIt was built in 1704, and burnt down — twice — in 1932.";

    #[test]
    fn a_quote_is_found_word_for_word_or_nearly() {
        check("It was built in 1704", |support| matches!(support, Support::Moved(span) if span.start == 32));
        check(
            "stands on the Orsa. It was built in 1704",
            |support| matches!(support, Support::Near { ratio, .. } if ratio > 0.95),
        );
        check("and burnt down - twice - in 1932.", |support| matches!(support, Support::Near { .. }));
        check("It was built in 1894 by somebody", |support| support == Support::Missing);
        check("", |support| support == Support::Missing);
        check(" \n", |support| support == Support::Missing);
        check("1704, and", Support::is_found);
        check("1705, and", |support| support == Support::Missing);
    }

    fn check(quote: &str, right: impl Fn(Support) -> bool) {
        let support = look(PAGE, quote, None);
        assert!(right(support), "{quote:?}: {support:?}");
    }

    #[test]
    fn evidence_knows_its_place_and_its_page() {
        let evidence = Evidence::cut("u", PAGE, 0..11).unwrap();
        assert_eq!(evidence.check(PAGE), Support::InPlace);
        assert_eq!(evidence.check(&format!("! {PAGE}")), Support::Moved(Span { start: 2, end: 13 }));
        assert!(evidence.is_of(PAGE) && !evidence.is_of("another"));
        let dash = PAGE.find('—').unwrap();
        assert_eq!(Evidence::cut("u", PAGE, dash..dash + 1), None);
        assert_eq!(Evidence::cut("u", PAGE, 3..3), None);
        let beyond = Evidence { span: Span { start: u64::MAX - 1, end: u64::MAX }, ..evidence };
        assert_eq!(beyond.check(PAGE), Support::Moved(Span { start: 0, end: 11 }));
    }
}
