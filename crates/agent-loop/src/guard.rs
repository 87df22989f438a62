//! Notices an attempt that goes in circles.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use offseeker_chat::arguments;
use offseeker_trajectory::{Observed, ToolCall, canonical_json};
use serde::{Deserialize, Serialize};

/// When an attempt goes in circles. It is told so once; the second time it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoopGuard {
    /// So many calls of one tool with the same arguments.
    pub same_calls: u32,
    /// So many calls of one tool on end that show nothing new.
    pub stale_calls: u32,
    /// The share of sequences of words in one reasoning that occurred before in it.
    pub repeated_words: f64,
    /// How long such a sequence is, in words.
    pub sequence: usize,
}

impl Default for LoopGuard {
    /// Three same calls, 15 stale ones, 30 % of the sequences of 50 words.
    fn default() -> Self {
        Self { same_calls: 3, stale_calls: 15, repeated_words: 0.3, sequence: 50 }
    }
}

impl LoopGuard {
    /// A guard that notices nothing.
    #[must_use]
    pub fn off() -> Self {
        Self { same_calls: u32::MAX, stale_calls: u32::MAX, repeated_words: 1.0, sequence: usize::MAX }
    }

    fn rambles(&self, reasoning: &str) -> bool {
        let words: Vec<u64> = offseeker_pages::words(reasoning).map(|word| number_of(&word)).collect();
        if self.sequence == 0 || words.len() < self.sequence.saturating_mul(2) {
            return false;
        }
        let all = words.len() + 1 - self.sequence;
        let repeated = (all - different(&words, self.sequence)) as f64 / all as f64;
        repeated > self.repeated_words
    }
}

/// How many different sequences of so many words there are, by their hashes.
fn different(words: &[u64], length: usize) -> usize {
    // A hash that rolls: with each step a word comes in at its end, and one goes out at its beginning.
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    let oldest = (0..length).fold(1, |power: u64, _| power.wrapping_mul(BASE));
    let mut rolling = 0_u64;
    let hash = |place: usize| {
        let gone = place.checked_sub(length).map_or(0, |gone| words[gone].wrapping_mul(oldest));
        rolling = rolling.wrapping_mul(BASE).wrapping_add(words[place]).wrapping_sub(gone);
        rolling
    };
    let hashes: HashSet<u64> = (0..words.len()).map(hash).skip(length - 1).collect();
    hashes.len()
}

/// A number for each word.
fn number_of(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// What a guard has seen of an attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch {
    calls: HashMap<(String, String), u32>,
    shown: HashSet<String>,
    last_tool: String,
    stale: u32,
    circles: bool,
    warned: bool,
}

impl Watch {
    /// Whether the attempt goes in circles.
    pub(crate) fn circles(&self) -> bool {
        self.circles
    }

    /// Whether the model was told so before.
    pub(crate) fn has_warned(&self) -> bool {
        self.warned
    }

    /// The model is told: what was before counts no more.
    pub(crate) fn warn(&mut self) {
        let shown = std::mem::take(&mut self.shown);
        *self = Self { shown, warned: true, ..Self::default() };
    }

    pub(crate) fn turn(&mut self, guard: &LoopGuard, reasoning: Option<&str>, calls: &[ToolCall]) {
        self.circles |= reasoning.is_some_and(|reasoning| guard.rambles(reasoning));
        for call in calls {
            let count = self.calls.entry((call.name.clone(), canonical(&call.arguments))).or_default();
            *count += 1;
            self.circles |= *count >= guard.same_calls;
        }
    }

    pub(crate) fn observe(&mut self, guard: &LoopGuard, call: &ToolCall, text: &str, observed: &Observed) {
        if self.last_tool != call.name {
            self.last_tool.clone_from(&call.name);
            self.stale = 0;
        }
        let is_new = if observed.sources.is_empty() {
            self.shown.insert(blake3::hash(text.as_bytes()).to_string())
        } else {
            let before = self.shown.len();
            self.shown.extend(observed.sources.iter().map(|source| source.url.clone()));
            self.shown.len() > before
        };
        self.stale = if is_new { 0 } else { self.stale + 1 };
        self.circles |= self.stale >= guard.stale_calls;
    }
}

/// One spelling for arguments that mean the same; what cannot be read stays as it is.
fn canonical(arguments: &str) -> String {
    let read = arguments::read(arguments).ok().and_then(|read| canonical_json(&read.value).ok());
    read.unwrap_or_else(|| arguments.to_owned())
}

#[cfg(test)]
mod tests {
    use offseeker_trajectory::{CallStatus, Source, View};

    use super::*;

    fn call(name: &str, arguments: &str) -> ToolCall {
        ToolCall::new("", name, arguments)
    }

    #[test]
    fn the_same_call_three_times_is_a_circle_however_it_is_spelled() {
        let guard = LoopGuard::default();
        let mut watch = Watch::default();
        let same = [call("search", r#"{"a": 1, "b": 2}"#), call("search", r#"{"b":2,"a":1}"#)];
        watch.turn(&guard, None, &same);
        assert!(!watch.circles());
        watch.turn(&guard, None, &[call("visit", r#"{"a": 1, "b": 2}"#), call("search", r#"{"a": 2}"#)]);
        assert!(!watch.circles());
        watch.turn(&guard, None, &[call("search", "{a: 1, b: 2}")]);
        assert!(watch.circles());
        watch.warn();
        assert!(!watch.circles() && watch.has_warned());
    }

    #[test]
    fn calls_that_show_nothing_new_are_a_circle() {
        let guard = LoopGuard { stale_calls: 3, ..LoopGuard::default() };
        let showing = |urls: &[&str]| Observed {
            sources: urls.iter().map(|url| Source { url: (*url).to_owned(), view: View::Page }).collect(),
            ..Observed::new(CallStatus::Ok)
        };
        let observe = |watch: &mut Watch, tool: &str, text: &str, urls: &[&str]| {
            watch.observe(&guard, &call(tool, "{}"), text, &showing(urls));
            watch.circles()
        };
        let mut watch = Watch::default();
        assert!(!observe(&mut watch, "search", "", &["a"]));
        assert!(!observe(&mut watch, "search", "", &["a"]));
        assert!(!observe(&mut watch, "search", "", &["a"]));
        assert!(!observe(&mut watch, "search", "", &["a", "b"]), "there is one new page");
        assert!(!observe(&mut watch, "search", "", &["b"]));
        assert!(!observe(&mut watch, "visit", "", &["b"]), "another tool begins anew");
        assert!(!observe(&mut watch, "code", "1", &[]));
        assert!(!observe(&mut watch, "code", "2", &[]), "another text is new");
        assert!(!observe(&mut watch, "code", "2", &[]));
        assert!(!observe(&mut watch, "code", "2", &[]));
        assert!(observe(&mut watch, "code", "2", &[]));
    }

    #[test]
    fn reasoning_that_repeats_itself_is_a_circle() {
        let guard = LoopGuard::default();
        let check = |reasoning: &str, circles: bool| {
            let mut watch = Watch::default();
            watch.turn(&guard, Some(reasoning), &[]);
            assert_eq!(watch.circles(), circles, "{}", reasoning.len());
        };
        let fresh: Vec<String> = (0..400).map(|number| format!("word{number}")).collect();
        check(&fresh.join(" "), false);
        check(&"wait let me think again ".repeat(40), true);
        check(&"wait let me think again ".repeat(10), false);
        check(&format!("{} {}", fresh.join(" "), fresh[..100].join(" ")), false);
        check("", false);
    }

    proptest::proptest! {
        #[test]
        fn sequences_are_told_apart(words in proptest::collection::vec("[ab]", 1..80), length in 1_usize..6) {
            proptest::prop_assume!(words.len() >= length);
            let exact: HashSet<&[String]> = words.windows(length).collect();
            let numbers: Vec<u64> = words.iter().map(|word| number_of(word)).collect();
            proptest::prop_assert_eq!(different(&numbers, length), exact.len());
        }
    }

    #[test]
    fn a_guard_that_is_off_notices_nothing() {
        let mut watch = Watch::default();
        let calls = vec![call("search", "{}"); 100];
        watch.turn(&LoopGuard::off(), Some(&"again ".repeat(1_000)), &calls);
        assert!(!watch.circles());
    }
}
