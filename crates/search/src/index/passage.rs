//! The passage of a text that fits a query best.

use std::collections::HashMap;
use std::ops::Range;

use super::analyzer::Analyzer;

/// How much of a text is searched for its best passage, in bytes.
pub(super) const SEARCHED: usize = 256 << 10;

/// By how much a weight must be more than another to count as more.
const ROUNDING: f32 = 1.0 + 1e-4;

/// What marks up words of code, within a sentence too.
const CODE: char = '`';

/// What a longer passage shows where it was cut.
const CUT: char = '…';

/// The passage of a text that has most of what the terms weigh, as plain text of at most so many characters. Only the
/// first [`SEARCHED`] bytes are gone through.
pub(super) fn passage(text: &str, weights: &HashMap<&str, f32>, longest: usize, analyzer: &mut Analyzer) -> String {
    let text = plain(head(text));
    let mut places: Vec<Place> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let (mut counted, mut chars) = (0, 0);
    analyzer.terms(&text, |bytes, term| {
        let Some(&weight) = weights.get(term) else { return };
        let next = known.len();
        let term = *known.entry(term.to_owned()).or_insert(next);
        // The words in a Chinese word begin before its end, so characters are counted up to where each begins.
        if bytes.start >= counted {
            chars += text[counted..bytes.start].chars().count();
        } else {
            chars -= text[bytes.start..counted].chars().count();
        }
        counted = bytes.start;
        let length = text[bytes.clone()].chars().count();
        places.push(Place { bytes, chars: chars..chars + length, weight, term });
    });
    places.sort_by_key(|place| place.bytes.start);
    let best = heaviest(&places, known.len(), longest);
    shown(&text, &best, longest)
}

/// The lightest text: what marks it up is gone, and so are line ends.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start_matches(['#', '>', '|', '*', '-', ' ', '\t']);
        for word in line.split(|char: char| char.is_whitespace() || char.is_control()) {
            let word = word.trim_matches('|');
            if !word.trim_matches(CODE).is_empty() && !word.chars().all(|char| char == '-' || char == ':') {
                if !plain.is_empty() {
                    plain.push(' ');
                }
                plain.extend(word.split(CODE).flat_map(|part| part.split("**")));
            }
        }
    }
    plain
}

fn head(text: &str) -> &str {
    let end = (0..=SEARCHED.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

/// A term of the query where it stands in the text, in bytes and in characters.
struct Place {
    bytes: Range<usize>,
    chars: Range<usize>,
    weight: f32,
    term: usize,
}

/// The span of terms no longer than a snippet that weighs most, each term counted once; the first of several.
fn heaviest(places: &[Place], terms: usize, longest: usize) -> Range<usize> {
    let mut counts = vec![0_u32; terms];
    let (mut weight, mut best_weight, mut best) = (0.0, 0.0, 0..0);
    let mut from = 0;
    for place in places {
        counts[place.term] += 1;
        if counts[place.term] == 1 {
            weight += place.weight;
        }
        while from < places.len() && place.chars.end - places[from].chars.start.min(place.chars.end) > longest {
            let first = &places[from];
            counts[first.term] -= 1;
            if counts[first.term] == 0 {
                weight -= first.weight;
            }
            from += 1;
            if first.bytes == place.bytes {
                break;
            }
        }
        // Sums that only differ by rounding count as the same.
        if weight > best_weight * ROUNDING && places.get(from).is_some_and(|first| first.bytes.start < place.bytes.end)
        {
            (best_weight, best) = (weight, places[from].bytes.start..place.bytes.end);
        }
    }
    best
}

/// The span with what stands around it, as much as there is room for, from word to word.
fn shown(text: &str, span: &Range<usize>, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let room = longest.saturating_sub(text[span.clone()].chars().count());
    let start = start_of(text, span.start, room / 4);
    let before = text[start..span.end].chars().count();
    // Two are kept for the marks of what was cut.
    let end = text[span.end..]
        .char_indices()
        .nth(longest.saturating_sub(before + 2))
        .map_or(text.len(), |(end, _)| span.end + end);
    let end = end_of(text, span.end, end);
    let mut shown = String::new();
    if start > 0 {
        shown.push(CUT);
    }
    shown.push_str(text[start..end].trim());
    if end < text.len() {
        shown.push(CUT);
    }
    shown.chars().take(longest).collect()
}

/// Where to begin: at the sentence, if that is near enough, else at a word.
fn start_of(text: &str, at: usize, room: usize) -> usize {
    let earliest = text[..at].char_indices().rev().nth(room.saturating_sub(1)).map_or(0, |(start, _)| start);
    if room == 0 {
        return at;
    }
    if earliest == 0 {
        return 0;
    }
    let before = &text[earliest..at];
    let sentence = before.rfind(['.', '!', '?', '。', '！', '？']).map(|end| {
        let mark = before[end..].chars().next().map_or(1, char::len_utf8);
        earliest + end + mark
    });
    let word = before.find(' ').map(|space| earliest + space);
    sentence.or(word).map_or(earliest, |start| start + text[start..].len() - text[start..].trim_start().len()).min(at)
}

/// Where to end: after the last whole word, if there is one.
fn end_of(text: &str, span_end: usize, end: usize) -> usize {
    if end >= text.len() {
        return text.len();
    }
    text[span_end..end].rfind(' ').map_or(end, |space| span_end + space)
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    const TEXT: &str = "# Karlin\n\nThe **Karlin** mill is old. It was built by Ada Voss in 1788 and stands on the \
        Orsa. Nothing else is known of it. Much later, in a year that nobody remembers, the Orsa froze over and the \
        wheel of the mill broke; Ada Voss was dead by then, and nobody mended it for thirty years or more.";

    #[test]
    fn the_best_passage_is_shown() {
        check(TEXT, &["froze", "wheel"], 80, "the Orsa froze over and the wheel of the mill broke;");
        check(TEXT, &["built"], 60, "It was built by Ada Voss in 1788");
        check(TEXT, &[], 20, "Karlin The Karlin");
        check(TEXT, &["zebra"], 20, "Karlin The Karlin");
        check("The `mill`\n> stands\n| a | b |\n|---|---|", &["mill"], 180, "The mill stands a b");
        check("Of `mill`, (`wheel`) and **old `ones`**.", &["mill"], 180, "Of mill, (wheel) and old ones.");
        check("", &["mill"], 180, "");
        check("磨坊在河边。卡林磨坊很老。", &["卡"], 8, "卡林磨坊很老");
    }

    #[test]
    fn a_passage_is_never_too_long() {
        for longest in [1, 2, 3, 7, 20, 50, 179, 400] {
            for word in ["ada", "mill", "years", "karlin", "zebra"] {
                let shown = of(TEXT, &[word], longest);
                assert!(shown.chars().count() <= longest, "{longest} {word} {shown:?}");
            }
            assert!(of(&"x".repeat(300_000), &["x"], longest).chars().count() <= longest);
        }
    }

    fn check(text: &str, terms: &[&str], longest: usize, expected: &str) {
        let shown = of(text, terms, longest);
        assert!(shown.contains(expected), "{terms:?} {longest}: {shown:?}");
    }

    fn of(text: &str, terms: &[&str], longest: usize) -> String {
        let mut analyzer = Analyzer::new(Language::English);
        let (joined, _) = analyzer.joined(&terms.join(" "));
        let weights = joined.split(' ').filter(|term| !term.is_empty()).map(|term| (term, 1.0)).collect();
        passage(text, &weights, longest, &mut analyzer)
    }
}
