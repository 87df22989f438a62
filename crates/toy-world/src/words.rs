//! The words of a language: values, sentences of pages, phrases of questions.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::sentence::Sentence;

/// The language of a world.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Chinese.
    #[serde(rename = "zh")]
    Chinese,
}

/// The words of a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    /// What stands between two sentences.
    pub(crate) between: String,
    /// What kinds are called.
    pub(crate) kinds: BTreeMap<String, String>,
    /// What properties and relations are called.
    pub(crate) labels: BTreeMap<String, String>,
    /// The values of properties that are no numbers.
    pub(crate) values: BTreeMap<String, Vec<String>>,
    /// The sentences of short pages, by kind; each place has ways to say it.
    pub(crate) brief: BTreeMap<String, Vec<Vec<Sentence>>>,
    /// What the page at the other end of a relation says.
    pub(crate) brief_reverse: BTreeMap<String, Sentence>,
    /// The sentences of long pages.
    pub(crate) long: BTreeMap<String, Vec<Vec<Sentence>>>,
    pub(crate) long_reverse: BTreeMap<String, Sentence>,
    /// The title of a page that cannot be trusted, and what it begins with.
    pub(crate) almanac_title: Sentence,
    pub(crate) almanac: String,
    /// The title and the text of a page that says nothing.
    pub(crate) letter_title: Sentence,
    pub(crate) letter: Sentence,
    /// Sentences that say nothing.
    pub(crate) noise: Vec<Sentence>,
    /// What questions are made of.
    pub(crate) questions: QuestionWords,
    /// What a teacher says.
    pub(crate) thoughts: BTreeMap<String, Sentence>,
}

/// What questions are made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionWords {
    pub(crate) asks: BTreeMap<String, String>,
    pub(crate) phrases: BTreeMap<String, String>,
    pub(crate) clue: Sentence,
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../words/en.json")));
static CHINESE: LazyLock<Words> = LazyLock::new(|| read(include_str!("../words/zh.json")));

static ENGLISH_VALUES: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| ENGLISH.values_only());
static CHINESE_VALUES: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| CHINESE.values_only());

fn read(json: &str) -> Words {
    serde_json::from_str(json).expect("a test reads the words of every language")
}

impl Language {
    /// The language as a BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }

    /// The values of each property that are never said but as a value: where one of these is read, it is one.
    pub(crate) fn values(self) -> &'static BTreeMap<&'static str, Vec<&'static str>> {
        match self {
            Self::English => &ENGLISH_VALUES,
            Self::Chinese => &CHINESE_VALUES,
        }
    }

    /// All that texts of a world in this language are made of but names.
    pub(crate) fn raw(self) -> &'static str {
        match self {
            Self::English => include_str!("../words/en.json"),
            Self::Chinese => include_str!("../words/zh.json"),
        }
    }
}

impl Words {
    /// What a property, a relation or a kind is called.
    pub(crate) fn label<'a>(&'a self, name: &'a str) -> &'a str {
        self.labels.get(name).or_else(|| self.kinds.get(name)).map_or(name, String::as_str)
    }

    /// What a short page writes before a property or a relation, where that is a heading; else what it is called.
    pub(crate) fn heading<'a>(&'a self, name: &'a str) -> &'a str {
        let sentences = self.brief.values().flatten().flatten();
        let mut headings = sentences.filter(|sentence| sentence.slots().eq([name])).filter_map(Sentence::heading);
        headings.next().unwrap_or_else(|| self.label(name))
    }

    /// Of the values of each property those that stand in no sentence as a word of its own.
    fn values_only(&self) -> BTreeMap<&str, Vec<&str>> {
        let said: Vec<&str> = self.said().collect();
        let mut only: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (property, values) in &self.values {
            let values = values.iter().map(String::as_str);
            let values = values.filter(|value| !said.iter().any(|text| has_word(text, value)));
            only.insert(property, values.collect());
        }
        only
    }

    /// All texts but values.
    fn said(&self) -> impl Iterator<Item = &str> {
        let reverse = self.brief_reverse.values().chain(self.long_reverse.values());
        let others = [&self.almanac_title, &self.letter_title, &self.letter, &self.questions.clue];
        let sentences = self.sentences().chain(reverse).chain(others).chain(&self.noise).chain(self.thoughts.values());
        let words = self.kinds.values().chain(self.labels.values()).chain(self.questions.asks.values());
        let words = words.chain(self.questions.phrases.values()).chain([&self.almanac, &self.between]);
        sentences.flat_map(Sentence::texts).chain(words.map(String::as_str))
    }

    /// Every sentence that a page may say something of its own subject with.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &Sentence> {
        self.brief.values().chain(self.long.values()).flatten().flatten()
    }
}

/// Whether a word stands in a text, and not as a part of another one.
fn has_word(text: &str, word: &str) -> bool {
    let binds = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphabetic());
    let mut places = text.match_indices(word);
    places.any(|(at, _)| !binds(text[..at].chars().next_back()) && !binds(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kind::{Bond, Field, Kind, Predicate};

    #[test]
    fn each_language_has_words_for_everything() {
        for language in [Language::English, Language::Chinese] {
            let words = language.words();
            for kind in Kind::ALL {
                for pages in [&words.brief, &words.long] {
                    let said: BTreeSet<Predicate> =
                        pages[kind.as_str()].iter().flat_map(|ways| whats(ways, kind)).collect();
                    let fields = kind.fields().iter().map(|field| Predicate::Field(*field));
                    let all: BTreeSet<Predicate> = fields.chain(kind.bonds().map(Predicate::Bond)).collect();
                    assert_eq!(said, all, "{kind:?}");
                }
            }
            for bond in Bond::ALL.into_iter().filter(|bond| *bond != Bond::Spouse) {
                assert!(words.brief_reverse.contains_key(bond.as_str()), "{bond:?}");
                assert!(words.long_reverse.contains_key(bond.as_str()), "{bond:?}");
            }
            let fields = Kind::ALL.iter().flat_map(|kind| kind.fields()).map(|field: &Field| field.as_str());
            for name in fields.chain(Bond::ALL.map(Bond::as_str)) {
                assert!(words.labels.contains_key(name) && words.questions.phrases.contains_key(name), "{name}");
            }
        }
        assert_eq!(
            Language::English.words().thoughts.keys().collect::<Vec<_>>(),
            Language::Chinese.words().thoughts.keys().collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_value_is_told_from_what_is_said_of_it() {
        assert!(
            has_word("of the mill maps, as", "maps") && !has_word("a property", "rope") && has_word("关于地图", "地图")
        );
        for language in [Language::English, Language::Chinese] {
            let words = language.words();
            let all: usize = words.values.values().map(Vec::len).sum();
            let only: Vec<&str> = language.values().values().flatten().copied().collect();
            let different: BTreeSet<&str> = only.iter().copied().collect();
            assert!(only.len() >= all - 2 && different.len() == only.len(), "{only:?}");
            let is_word =
                |value: &&str| language == Language::Chinese || value.bytes().all(|it| it.is_ascii_lowercase());
            assert!(only.iter().all(is_word), "{only:?}");
            // The sentences say "a", whatever comes.
            assert!(
                language == Language::Chinese
                    || ["profession", "form"].iter().all(|property| {
                        words.values[*property].iter().all(|value| !value.starts_with(['a', 'e', 'i', 'o', 'u']))
                    })
            );
        }
    }

    /// What a place of a page says, the same in whatever way it is said.
    fn whats(ways: &[Sentence], kind: Kind) -> BTreeSet<Predicate> {
        let all: Vec<BTreeSet<Predicate>> =
            ways.iter().map(|way| way.slots().filter_map(Predicate::named).collect()).collect();
        assert!(all.iter().all(|said| *said == all[0] && !said.is_empty()), "{kind:?}: {ways:?}");
        all[0].clone()
    }
}
