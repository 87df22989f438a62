//! Reads pages: which of their sentences says what of whom.

use std::collections::BTreeMap;

use crate::Language;
use crate::kind::Predicate;
use crate::names::Names;
use crate::words::Words;

/// What a page says, as a reader of it knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// By whom it is said of and what it is.
    said: BTreeMap<(String, Predicate), Said>,
}

/// A value, and the sentence that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    value: String,
    sentence: String,
}

impl View {
    /// What the page about `name` says.
    pub(crate) fn of(text: &str, name: &str, language: Language, names: &Names) -> Self {
        let words = language.words();
        let mut view = Self::default();
        for sentence in sentences(text, language) {
            view.add(sentence, name, words, names);
        }
        view
    }

    /// What it says of something.
    pub(crate) fn says(&self, of: &str, what: Predicate) -> Option<&str> {
        self.said.get(&(of.to_owned(), what)).map(|said| said.value.as_str())
    }

    /// The sentence that says it.
    pub(crate) fn quote(&self, of: &str, what: Predicate) -> Option<&str> {
        self.said.get(&(of.to_owned(), what)).map(|said| said.sentence.as_str())
    }

    /// Of whom it says that something leads to its own subject.
    pub(crate) fn sources<'a>(&'a self, what: Predicate, name: &'a str) -> impl Iterator<Item = &'a str> {
        let matching = self.said.iter().filter(move |((of, it), said)| *it == what && of != name && said.value == name);
        matching.map(|((of, _), _)| of.as_str())
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Everything that it says.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Predicate, &str)> {
        self.said.iter().map(|((of, what), said)| (of.as_str(), *what, said.value.as_str()))
    }

    fn add(&mut self, sentence: &str, name: &str, words: &Words, names: &Names) {
        for pattern in words.sentences() {
            let Some(read) = pattern.read(sentence) else { continue };
            let fits = read.iter().all(|(slot, value)| is_value(slot, value, words, names));
            let subject = read.iter().find(|(slot, _)| *slot == "s");
            if !fits || subject.is_some_and(|(_, subject)| *subject != name) {
                continue;
            }
            for (slot, value) in read {
                if let Some(what) = Predicate::named(slot) {
                    let said = Said { value: value.to_owned(), sentence: sentence.to_owned() };
                    self.said.insert((name.to_owned(), what), said);
                }
            }
            return;
        }
        let reverse = words.brief_reverse.iter().chain(&words.long_reverse);
        for (bond, pattern) in reverse {
            let Some([(_, from)]) = pattern.read(sentence).as_deref().map(<[_; 1]>::try_from).and_then(Result::ok)
            else {
                continue;
            };
            if let (Some(what), Some(_)) = (Predicate::named(bond), names.entity(from)) {
                let said = Said { value: name.to_owned(), sentence: sentence.to_owned() };
                self.said.insert((from.to_owned(), what), said);
                return;
            }
        }
    }
}

/// Whether something may stand in a slot.
fn is_value(slot: &str, value: &str, words: &Words, names: &Names) -> bool {
    match Predicate::named(slot) {
        Some(Predicate::Field(_)) => words
            .values
            .get(slot)
            .map_or_else(|| value.bytes().all(|byte| byte.is_ascii_digit()), |all| all.iter().any(|it| it == value)),
        Some(Predicate::Bond(_)) | None => names.entity(value).is_some(),
    }
}

/// The sentences of a text.
fn sentences(text: &str, language: Language) -> impl Iterator<Item = &str> {
    let end = match language {
        Language::English => '.',
        Language::Chinese => '。',
    };
    text.split_inclusive(end).map(str::trim).filter(|sentence| !sentence.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{PageLength, World, WorldOptions};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn a_page_is_read_as_it_was_written(seed: u64, is_long: bool, is_chinese: bool) {
            let world = World::new(WorldOptions {
                seed,
                entities: 250,
                missing_links: 0.3,
                pages: if is_long { PageLength::Long } else { PageLength::Brief },
                language: if is_chinese { Language::Chinese } else { Language::English },
                ..WorldOptions::default()
            }).unwrap();
            for number in 0..250 {
                let written = world.own_page(number);
                let name = world.names.of(number);
                let view = View::of(&written.page.text, &name, world.options.language, &world.names);
                let said: BTreeSet<(String, Predicate)> =
                    written.said.iter().map(|said| (world.names.of(said.of), said.what)).collect();
                let read: BTreeSet<(String, Predicate)> =
                    view.all().map(|(of, what, _)| (of.to_owned(), what)).collect();
                prop_assert_eq!(&said, &read, "{}", written.page.text);
                for (of, what, value) in view.all() {
                    let figure = world.truth.figure(world.names.entity(of).unwrap());
                    prop_assert_eq!(world.holds(figure, what), Some(value.to_owned()));
                }
            }
        }
    }
}
