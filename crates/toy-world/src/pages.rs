//! Writes the pages of a world, and knows which sentence of them says what.

use std::ops::Range;

use offseeker_pages::{Link, Page};

use crate::kind::{Bond, Kind, Predicate};
use crate::sentence::Sentence;
use crate::truth::Figure;
use crate::{PageLength, World};

/// How often something is put between two sentences of a long page.
const NOISE: f64 = 0.7;

/// A page, and what it says.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) page: Page,
    pub(crate) said: Vec<Said>,
}

/// Something that a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Of which entity.
    pub(crate) of: u64,
    /// What.
    pub(crate) what: Predicate,
    /// The sentence in the text of the page.
    pub(crate) place: Range<usize>,
}

/// A text that sentences are added to.
#[derive(Default)]
struct Text {
    text: String,
    between: &'static str,
}

impl Text {
    fn add(&mut self, sentence: &str) -> Range<usize> {
        if !self.text.is_empty() {
            self.text.push_str(self.between);
        }
        let start = self.text.len();
        self.text.push_str(sentence);
        start..self.text.len()
    }
}

impl World {
    /// The page about an entity.
    pub(crate) fn own_page(&self, number: u64) -> Written {
        let (figure, name) = (self.truth.figure(number), self.names.of(number));
        let mut text = Text { between: &self.words().between, ..Text::default() };
        let (mut said, mut links) = (Vec::new(), Vec::new());
        for (place, ways) in self.statements(figure.kind).iter().enumerate() {
            let sentence = self.draw.of("ways").nth(place as u64).pick(number, ways);
            let whats = predicates(sentence);
            if whats.iter().any(|what| !self.says(figure, *what)) {
                continue;
            }
            let written = self.fill(sentence, figure, &name, None);
            let at = text.add(&written);
            for what in whats {
                said.push(Said { of: number, what, place: at.clone() });
                if let Predicate::Bond(bond) = what {
                    links.extend(self.truth.target(figure, bond).map(|target| self.link(target)));
                }
            }
            self.add_noise(&mut text, number, place as u64);
        }
        for (bond, source) in self.left_out_elsewhere(figure) {
            let sentence = self.reverse_of(bond);
            let at = text.add(&sentence.with(&[("from", &self.called(source))]));
            said.push(Said { of: self.truth.number(source), what: Predicate::Bond(bond), place: at });
            links.push(self.link(source));
        }
        let mut seen = Vec::new();
        links.retain(|link: &Link| {
            !seen.contains(&link.url) && {
                seen.push(link.url.clone());
                true
            }
        });
        let page = Page { links, ..self.new_page(self.address(number), name, text.text) };
        Written { page, said }
    }

    /// A page that says something wrong of an entity, where there is one.
    pub(crate) fn almanac_page(&self, number: u64) -> Option<Page> {
        let draw = self.draw.of("almanac");
        if !draw.happens(number, self.options.contradictions) {
            return None;
        }
        let (figure, name) = (self.truth.figure(number), self.names.of(number));
        let whats: Vec<Predicate> = self
            .statements(figure.kind)
            .iter()
            .flat_map(|ways| predicates(&ways[0]))
            .filter(|what| self.holds(figure, *what).is_some())
            .collect();
        let what = *draw.of("what").pick(number, &whats);
        let ways = self.statements(figure.kind).iter().find(|ways| predicates(&ways[0]).contains(&what))?;
        let wrong = self.wrong(figure, what)?;
        let mut text = Text { between: &self.words().between, ..Text::default() };
        text.add(&self.words().almanac);
        text.add(&self.fill(&ways[0], figure, &name, Some((what, &wrong))));
        let title = self.words().almanac_title.with(&[("s", &name)]);
        Some(self.new_page(format!("{}almanac/{name}", self.options.base), title, text.text))
    }

    /// A page that names an entity and says nothing, where there is one.
    pub(crate) fn letter_page(&self, number: u64) -> Option<Page> {
        let draw = self.draw.of("letter");
        if !draw.happens(number, self.options.distractors) {
            return None;
        }
        let name = self.names.of(number);
        let other = self.another(number, 99);
        let words = self.words();
        let text = words.letter.with(&[("s", &name), ("other", &other)]);
        let title = words.letter_title.with(&[("s", &name)]);
        Some(self.new_page(format!("{}letter/{name}", self.options.base), title, text))
    }

    /// The address of the page about an entity.
    pub(crate) fn address(&self, number: u64) -> String {
        format!("{}{}", self.options.base, self.names.of(number))
    }

    fn new_page(&self, url: String, title: String, text: String) -> Page {
        Page { language: Some(self.options.language.tag().to_owned()), ..Page::new(url, title, text) }
    }

    fn link(&self, to: Figure) -> Link {
        Link { text: self.called(to), url: self.address(self.truth.number(to)) }
    }

    fn statements(&self, kind: Kind) -> &'static [Vec<Sentence>] {
        let words = self.words();
        let pages = if self.options.pages == PageLength::Long { &words.long } else { &words.brief };
        &pages[kind.as_str()]
    }

    fn reverse_of(&self, bond: Bond) -> &'static Sentence {
        let words = self.words();
        let sentences = if self.options.pages == PageLength::Long { &words.long_reverse } else { &words.brief_reverse };
        &sentences[bond.as_str()]
    }

    /// Relations that lead here and that the pages at which they begin leave out. Of two who are married the page of
    /// the other has a sentence of its own.
    fn left_out_elsewhere(&self, figure: Figure) -> Vec<(Bond, Figure)> {
        let bonds = Bond::ALL.into_iter().filter(|bond| bond.to() == figure.kind && *bond != Bond::Spouse);
        let sources = bonds.flat_map(|bond| self.truth.sources(figure, bond).into_iter().map(move |it| (bond, it)));
        sources.filter(|(bond, source)| self.is_missing(*source, *bond)).collect()
    }

    /// Whether the page about an entity says something.
    fn says(&self, figure: Figure, what: Predicate) -> bool {
        let left_out = matches!(what, Predicate::Bond(bond) if self.is_missing(figure, bond));
        !left_out && self.holds(figure, what).is_some()
    }

    /// What is true of an entity, as pages write it.
    pub(crate) fn holds(&self, figure: Figure, what: Predicate) -> Option<String> {
        match what {
            Predicate::Field(field) => Some(self.truth.value(figure, field)),
            Predicate::Bond(bond) => self.truth.target(figure, bond).map(|target| self.called(target)),
        }
    }

    /// Something else than what is true of an entity.
    fn wrong(&self, figure: Figure, what: Predicate) -> Option<String> {
        let right = self.holds(figure, what)?;
        let draw = self.draw.of("wrong");
        (0..64).map(|attempt| (attempt, draw.nth(attempt))).find_map(|(attempt, draw)| {
            let other = Figure { kind: figure.kind, place: draw.below(figure.place, self.truth.count(figure.kind)) };
            let value = match what {
                Predicate::Field(_) => self.holds(other, what),
                Predicate::Bond(bond) => Some(self.called(self.any_of(bond.to(), draw.of("bond"), attempt))),
            };
            value.filter(|value| *value != right && *value != self.called(figure))
        })
    }

    fn fill(&self, sentence: &Sentence, figure: Figure, name: &str, instead: Option<(Predicate, &str)>) -> String {
        sentence.fill(|slot| {
            if slot == "s" {
                return Some(name.to_owned());
            }
            let what = Predicate::named(slot)?;
            match instead {
                Some((it, wrong)) if it == what => Some(wrong.to_owned()),
                _ => self.holds(figure, what),
            }
        })
    }

    fn add_noise(&self, text: &mut Text, number: u64, place: u64) {
        let draw = self.draw.of("noise").nth(place);
        if self.options.pages == PageLength::Long && draw.happens(number, NOISE) {
            let sentence = draw.of("which").pick(number, &self.words().noise);
            text.add(&sentence.with(&[("other", &self.another(number, place))]));
        }
    }

    /// The name of another entity.
    fn another(&self, number: u64, place: u64) -> String {
        let others = self.options.entities - 1;
        let other = self.draw.of("another").nth(place).below(number, others);
        self.names.of(if other >= number { other + 1 } else { other })
    }
}

/// What a sentence says.
fn predicates(sentence: &Sentence) -> Vec<Predicate> {
    sentence.slots().filter_map(Predicate::named).collect()
}
