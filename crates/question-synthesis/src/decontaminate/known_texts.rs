//! Texts that questions are compared with, by runs of words.

use std::collections::{BTreeSet, HashMap};

use offseeker_pages::words;

use super::Known;
use crate::{Draft, Nearness};

/// A question that has so many words in a row in common with a text is taken from it.
const LONG_RUN: usize = 13;

/// Texts are compared by the runs of so many words that they have.
const SHORT_RUN: usize = 3;

/// From this share of common runs on, two texts are nearly the same.
const NEAR: f64 = 0.7;

/// Texts that questions are compared with.
///
/// A question is too near to one of them where it has 13 words in a row in common with it, or where the sets of their runs
/// of three words have a Jaccard similarity of 0.7 or more. Where a script writes no spaces, each character is a word. The
/// similarity is exact: what `MinHash` would estimate is counted, by way of an index of the runs.
///
/// ```
/// use offseeker_question_synthesis::KnownTexts;
///
/// let known = KnownTexts::of(["Which river does the old Karlin mill stand on?"]);
/// assert_eq!(known.nearest("Which river does the old Karlin mill stand on").largest, 1.0);
/// assert!(known.nearest("Which river does the young mill stand on?").largest < 0.5);
/// ```
#[derive(Debug, Clone, Default)]
pub struct KnownTexts {
    /// How many different short runs each text has.
    sizes: Vec<u32>,
    /// The texts that have a short run, by its hash.
    short: HashMap<u64, Vec<u32>>,
    /// A text that has a long run, by its hash.
    long: HashMap<u64, u32>,
}

impl KnownTexts {
    /// Reads texts.
    pub fn of<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut known = Self::default();
        for text in texts {
            let words: Vec<String> = words(text.as_ref()).collect();
            let number = known.sizes.len() as u32;
            let short = runs(&words, SHORT_RUN);
            known.sizes.push(short.len() as u32);
            for run in short {
                known.short.entry(run).or_default().push(number);
            }
            if words.len() >= LONG_RUN {
                known.long.extend(runs(&words, LONG_RUN).into_iter().map(|run| (run, number)));
            }
        }
        known
    }

    /// How near a text comes to these.
    #[must_use]
    pub fn nearest(&self, text: &str) -> Nearness {
        let words: Vec<String> = words(text).collect();
        let short = runs(&words, SHORT_RUN);
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for number in short.iter().filter_map(|run| self.short.get(run)).flatten() {
            *shared.entry(*number).or_default() += 1;
        }
        let similarity = |(number, shared): (&u32, &u32)| {
            let either = self.sizes[*number as usize] + short.len() as u32 - shared;
            f64::from(*shared) / f64::from(either.max(1))
        };
        let largest = shared.iter().map(similarity).fold(0.0, f64::max);
        Nearness { texts: self.sizes.len() as u64, largest }
    }

    /// The number of a text that has a long run of words in common with this one; the first is 0.
    #[must_use]
    pub fn sharing(&self, text: &str) -> Option<usize> {
        let words: Vec<String> = words(text).collect();
        if words.len() < LONG_RUN {
            return None;
        }
        runs(&words, LONG_RUN).iter().find_map(|run| self.long.get(run)).map(|number| *number as usize)
    }
}

impl Known for KnownTexts {
    fn compare(&self, draft: &Draft) -> Result<Nearness, (String, String)> {
        if let Some(number) = self.sharing(&draft.text) {
            let reason = format!("it has {LONG_RUN} words in a row in common with text {number}");
            return Err(("shares_a_run".to_owned(), reason));
        }
        let nearness = self.nearest(&draft.text);
        if nearness.largest >= NEAR {
            let reason = format!("{:.2} of the runs of words are those of a known text", nearness.largest);
            return Err(("nearly_the_same".to_owned(), reason));
        }
        Ok(nearness)
    }
}

/// The hashes of all runs of so many words; of a text that is shorter, that of the whole.
fn runs(words: &[String], length: usize) -> BTreeSet<u64> {
    let hash = |run: &[String]| {
        let mut hash = blake3::Hasher::new();
        for word in run {
            hash.update(word.as_bytes()).update(&[0]);
        }
        let hash = hash.finalize();
        u64::from_le_bytes(std::array::from_fn(|byte| hash.as_bytes()[byte]))
    };
    if words.len() < length { BTreeSet::from([hash(words)]) } else { words.windows(length).map(hash).collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] = [
        "A river flows into a lake. A mill that was built by a painter stands on that river. Who owned the mill last?",
        "卡林磨坊位于哪条河上？",
    ];

    #[test]
    fn what_is_known_is_told_from_what_is_new() {
        check(KNOWN[0], Some(0), 1.0);
        check("So: a mill that was built by a painter stands on that river, who sold it?", Some(0), 0.4);
        check("卡林磨坊位于哪条河上", None, 1.0);
        check("卡林城堡位于哪座山上", None, 0.2);
        check("Something else altogether is asked for here", None, 0.0);
        check("", None, 0.0);
    }

    fn check(text: &str, sharing: Option<usize>, nearness: f64) {
        let known = KnownTexts::of(KNOWN);
        assert_eq!(known.sharing(text), sharing, "{text}");
        let largest = known.nearest(text).largest;
        assert!((largest - nearness).abs() < 0.15, "{text}: {largest}");
    }
}
