//! Texts that others are compared with, by runs of words.

use std::collections::{BTreeMap, HashMap};

use crate::WordHashes;
use crate::set::{run, runs_of};

/// A text that has so many words in a row in common with another one repeats it.
pub const LONG_RUN: usize = 13;

/// Texts are compared by the runs of so many words that they have.
pub const SHORT_RUN: usize = 3;

/// A known text of fewer words than this is not looked for as a part of another: it may stand anywhere.
const LEAST_WHOLE: usize = 6;

/// Texts that others are compared with: the questions of benchmarks, for one.
///
/// A text repeats one of them where it has 13 words in a row in common with it. How near it comes to one is the Jaccard
/// similarity of the sets of their runs of three words. Where a script writes no spaces, each character is a word. The
/// similarity is exact: what `MinHash` would estimate is counted, by way of an index of the runs.
///
/// ```
/// use offseeker_resemblance::KnownTexts;
///
/// let known = KnownTexts::of(["Which river does the old Karlin mill stand on?"]);
/// assert_eq!(known.nearest("Which river does the old Karlin mill stand on"), 1.0);
/// assert!(known.nearest("Which river does the young mill stand on?") < 0.5);
/// assert_eq!(known.repeated_in("Quiz: which river does the old Karlin mill stand on? The Orsa."), Some(0));
/// ```
#[derive(Debug, Clone, Default)]
pub struct KnownTexts {
    /// How many different short runs each text has.
    sizes: Vec<u32>,
    /// The texts that have a short run.
    short: HashMap<u64, Vec<u32>>,
    /// A text that has a long run.
    long: HashMap<u64, u32>,
    /// A text that is shorter than a long run, by its words and their number.
    whole: BTreeMap<usize, HashMap<u64, u32>>,
}

impl KnownTexts {
    /// Reads texts.
    pub fn of<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut known = Self::default();
        known.extend(texts);
        known
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// How near a text comes to these: the largest similarity to one of them.
    #[must_use]
    pub fn nearest(&self, text: &str) -> f64 {
        let short = runs_of(&WordHashes::of(text).collect::<Vec<_>>(), SHORT_RUN);
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for number in short.members().iter().filter_map(|run| self.short.get(run)).flatten() {
            *shared.entry(*number).or_default() += 1;
        }
        let similarity = |(number, shared): (&u32, &u32)| {
            let either = self.sizes[*number as usize] + short.len() as u32 - shared;
            f64::from(*shared) / f64::from(either.max(1))
        };
        shared.iter().map(similarity).fold(0.0, f64::max)
    }

    /// The number of a text that has a long run of words in common with this one; the first is 0.
    #[must_use]
    pub fn sharing(&self, text: &str) -> Option<usize> {
        if self.long.is_empty() {
            return None;
        }
        let words: Vec<u64> = WordHashes::of(text).collect();
        words.windows(LONG_RUN).find_map(|words| self.long.get(&run(words))).map(|number| *number as usize)
    }

    /// The number of a text that a longer one repeats: they have a long run in common, or the longer one has the whole
    /// of a known text of six to twelve words in it.
    #[must_use]
    pub fn repeated_in(&self, text: &str) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let words: Vec<u64> = WordHashes::of(text).collect();
        let long = words.windows(LONG_RUN).find_map(|words| self.long.get(&run(words)));
        let whole = |(length, texts): (&usize, &HashMap<u64, u32>)| {
            words.windows(*length).find_map(|words| texts.get(&run(words)).copied())
        };
        long.copied().or_else(|| self.whole.iter().find_map(whole)).map(|number| number as usize)
    }
}

impl<T: AsRef<str>> Extend<T> for KnownTexts {
    fn extend<I: IntoIterator<Item = T>>(&mut self, texts: I) {
        for text in texts {
            let words: Vec<u64> = WordHashes::of(text.as_ref()).collect();
            let number = self.sizes.len() as u32;
            let short = runs_of(&words, SHORT_RUN);
            self.sizes.push(short.len() as u32);
            for run in short.members() {
                self.short.entry(*run).or_default().push(number);
            }
            for words in words.windows(LONG_RUN) {
                self.long.entry(run(words)).or_insert(number);
            }
            if (LEAST_WHOLE..LONG_RUN).contains(&words.len()) {
                self.whole.entry(words.len()).or_default().entry(run(&words)).or_insert(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] = [
        "A river flows into a lake. A mill that was built by a painter stands on that river. Who owned the mill last?",
        "卡林磨坊位于哪条河上？",
    ];

    #[test]
    fn what_is_known_is_told_from_what_is_new() {
        check(KNOWN[0], Some(0), Some(0), 1.0);
        check("So: a mill that was built by a painter stands on that river, who sold it?", Some(0), Some(0), 0.4);
        check("卡林磨坊位于哪条河上", None, Some(1), 1.0);
        check("请问：卡林磨坊位于哪条河上？", None, Some(1), 0.8);
        check("卡林城堡位于哪座山上", None, None, 0.2);
        check("Something else altogether is asked for here", None, None, 0.0);
        check("", None, None, 0.0);
    }

    #[track_caller]
    fn check(text: &str, sharing: Option<usize>, repeated: Option<usize>, nearness: f64) {
        let known = KnownTexts::of(KNOWN);
        assert_eq!(known.sharing(text), sharing, "{text}");
        assert_eq!(known.repeated_in(text), repeated, "{text}");
        let nearest = known.nearest(text);
        assert!((nearest - nearness).abs() < 0.15, "{text}: {nearest}");
    }

    #[test]
    fn a_text_of_a_few_words_is_not_found_inside_another() {
        let known = KnownTexts::of(["Who was it?"]);
        assert_eq!(known.repeated_in("Nobody knew who was it that came"), None);
        assert_eq!(known.nearest("who was it"), 1.0);
    }
}
