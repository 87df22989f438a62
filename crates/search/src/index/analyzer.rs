//! Splits texts into the terms that they are found by.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use frostem::Stemmer;
use jieba_rs::Jieba;
use offseeker_pages::is_dense;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Language;

/// The longest term, in bytes; what is longer is cut.
const LONGEST_TERM: usize = 128;

/// How many stems are remembered.
const REMEMBERED: usize = 1 << 16;

/// The dictionary of Chinese words, read when the first Chinese text comes.
static CHINESE: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Splits texts into the terms that they are found by.
///
/// A word is a run of letters and digits. It is brought to one form (compatibility, small letters, no accents) and its
/// ending is cut off. In scripts that write no spaces, Chinese characters are split by a dictionary, with the shorter
/// words in a longer one beside it, and everything else into pairs of neighbours. What is not in the dictionary becomes
/// single characters: a guess at unknown words would depend on what stands around them, and a query would not find them.
#[derive(Clone)]
pub(super) struct Analyzer {
    language: Language,
    stemmer: Option<Stemmer>,
    stems: HashMap<String, String>,
    buffer: String,
}

impl Analyzer {
    pub(super) fn new(language: Language) -> Self {
        let stemmer = language.algorithm().map(Stemmer::new);
        Self { language, stemmer, stems: HashMap::new(), buffer: String::new() }
    }

    /// Gives each term, with its place in the text.
    pub(super) fn terms(&mut self, text: &str, mut each: impl FnMut(Range<usize>, &str)) {
        let mut from = 0;
        while let Some(run) = next_run(text, from) {
            from = run.range.end;
            match run.script {
                Script::Spaced => {
                    each(run.range.clone(), self.term(&text[run.range.clone()]));
                    from = self.after_possessive(text, from);
                }
                Script::Chinese => chinese(text, run.range, &mut each),
                Script::Dense => pairs(text, run.range, &mut each),
            }
        }
    }

    /// The terms of a text, a space between them, and how many there are.
    pub(super) fn joined(&mut self, text: &str) -> (String, u64) {
        let (mut joined, mut count) = (String::with_capacity(text.len()), 0);
        self.terms(text, |_, term| {
            if count > 0 {
                joined.push(' ');
            }
            joined.push_str(term);
            count += 1;
        });
        (joined, count)
    }

    fn term(&mut self, word: &str) -> &str {
        self.buffer.clear();
        if word.is_ascii() {
            self.buffer.push_str(word);
            self.buffer.make_ascii_lowercase();
        } else {
            self.buffer.extend(normal(word).flat_map(char::to_lowercase));
        }
        cut(&mut self.buffer);
        if self.stemmer.is_none() && self.buffer.is_ascii() {
            return &self.buffer;
        }
        if !self.stems.contains_key(&self.buffer) {
            if self.stems.len() == REMEMBERED {
                self.stems.clear();
            }
            let stem = self.stemmer.map(|stemmer| stemmer.stem(&self.buffer).into_owned());
            let stem = stem.filter(|stem| !stem.is_empty()).unwrap_or_else(|| self.buffer.clone());
            self.stems.insert(self.buffer.clone(), without_accents(stem));
        }
        &self.stems[&self.buffer]
    }

    /// Passes over the `'s` of an English word.
    fn after_possessive(&self, text: &str, end: usize) -> usize {
        let rest = &text[end..];
        let s = rest.strip_prefix(['\'', '’']).and_then(|rest| rest.strip_prefix(['s', 'S']));
        match s {
            Some(after) if self.language == Language::English && !after.starts_with(is_of_word) => {
                text.len() - after.len()
            }
            _ => end,
        }
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer").field("language", &self.language).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Spaced,
    Chinese,
    Dense,
}

struct Run {
    range: Range<usize>,
    script: Script,
}

/// The next run of characters that belong together.
fn next_run(text: &str, from: usize) -> Option<Run> {
    let (start, first) = text[from..].char_indices().find(|(_, char)| char.is_alphanumeric() || is_dense(*char))?;
    let (start, script) = (from + start, script(first));
    let goes_on = |char: char| is_of_word(char) && self::script(char) == script || is_combining_mark(char);
    let end = text[start..].find(|char| !goes_on(char)).map_or(text.len(), |length| start + length);
    Some(Run { range: start..end.max(start + first.len_utf8()), script })
}

fn is_of_word(char: char) -> bool {
    char.is_alphanumeric() || (!char.is_ascii() && (is_combining_mark(char) || is_dense(char)))
}

fn script(char: char) -> Script {
    match u32::from(char) {
        0..0x0E00 => Script::Spaced,
        0x3005 | 0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Script::Chinese,
        _ if is_dense(char) => Script::Dense,
        _ => Script::Spaced,
    }
}

fn chinese(text: &str, run: Range<usize>, each: &mut impl FnMut(Range<usize>, &str)) {
    for token in CHINESE.cut_for_search(&text[run.clone()], false) {
        each(run.start + token.byte_start..run.start + token.byte_end, token.word);
    }
}

/// Each two neighbours of a run; a run of one is itself.
fn pairs(text: &str, run: Range<usize>, each: &mut impl FnMut(Range<usize>, &str)) {
    let normal = |range: Range<usize>| normal(&text[range]).collect::<String>();
    let mut starts = text[run.clone()].char_indices().map(|(start, _)| run.start + start).skip(1).peekable();
    if starts.peek().is_none() {
        each(run.clone(), &normal(run.clone()));
    }
    let mut start = run.start;
    while let Some(middle) = starts.next() {
        let end = starts.peek().copied().unwrap_or(run.end);
        each(start..end, &normal(start..end));
        start = middle;
    }
}

/// One form for characters that differ only in how they look. Some would become several words: they stay one.
fn normal(text: &str) -> impl Iterator<Item = char> {
    text.nfkc().filter(|char| !char.is_whitespace())
}

/// Takes the accents off the letters that have any.
fn without_accents(term: String) -> String {
    if term.is_ascii() {
        return term;
    }
    let bare: String = term.nfd().filter(|char| !('\u{300}'..='\u{36f}').contains(char)).nfc().collect();
    if bare.is_empty() { term } else { bare }
}

fn cut(term: &mut String) {
    if term.len() > LONGEST_TERM {
        let end = (0..=LONGEST_TERM).rev().find(|end| term.is_char_boundary(*end)).unwrap_or_default();
        term.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_into_terms() {
        check("", &[]);
        check("🦀 ,.!", &[]);
        check("The Karlin mills' wheels", &["the", "karlin", "mill", "wheel"]);
        check("Ada's mill isn’t", &["ada", "mill", "isn", "t"]);
        check("C++ AND (x OR \"y\") 3.14", &["c", "and", "x", "or", "y", "3", "14"]);
        check("Café CAFE\u{301} ＡＢＣ", &["cafe", "cafe", "abc"]);
        check("हिन्दी में", &["हिन्दी", "में"]);
        check("한국어 단어", &["한국어", "단어"]);
        check("a\u{301}\u{301}", &["a"]);
    }

    #[test]
    fn scripts_without_spaces_are_split() {
        check("北京大学", &["北京", "大学", "北京大学"]);
        check("在Karlin磨坊9号", &["在", "karlin", "磨坊", "9", "号"]);
        check("コンピュータ", &["コン", "ンピ", "ピュ", "ュー", "ータ"]);
        check("お茶の水", &["お", "茶", "の", "水"]);
        check("ｶﾘﾝ", &["カリ", "リン"]);
        check("กา", &["กา"]);
    }

    #[test]
    fn what_is_unknown_is_split_the_same_wherever_it_stands() {
        let inside = terms("他说卡林磨坊在河边");
        assert!(terms("卡林磨坊").iter().all(|term| inside.contains(term)), "{inside:?}");
    }

    #[test]
    fn long_words_are_cut() {
        let word = "é".repeat(1_000);
        assert!(terms(&word).iter().all(|term| term.len() <= LONGEST_TERM));
    }

    #[test]
    fn places_are_those_in_the_text() {
        let text = "Ada's 北京 コンピ e\u{301}";
        Analyzer::new(Language::English).terms(text, |place, term| {
            let shown = &text[place];
            assert!(!shown.is_empty() && shown.chars().count() >= term.chars().count(), "{shown:?} {term:?}");
        });
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(terms(text), expected, "{text:?}");
    }

    fn terms(text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        Analyzer::new(Language::English).terms(text, |_, term| terms.push(term.to_owned()));
        terms
    }
}
