//! The words for relations, properties and kinds, by language.

use std::collections::BTreeMap;

use offseeker_chat::Template;
use offseeker_entity_graph::key;
use serde::{Deserialize, Serialize};

use crate::SynthesisError;
use crate::prompt::hashed;

/// The book that is used where nobody gives another.
const SHIPPED: [(&str, &str); 2] =
    [("en", include_str!("../phrases/en.json")), ("zh", include_str!("../phrases/zh.json"))];

/// The words for relations, properties and kinds, by language: `en`, `zh`.
///
/// The default book has English and Chinese; [`with_json`](Self::with_json) adds words for a graph of one's own. What a
/// book does not have is said by its fallbacks, so that a question is a whole sentence whatever a graph calls things.
///
/// ```
/// use offseeker_question_synthesis::Phrasebook;
///
/// let mine = r#"{"en": {"relations": {"ground at": {"says": "{from} was ground at {to}", "to": "mill"}}}}"#;
/// let book = Phrasebook::default().with_json(mine)?;
/// assert!(book.languages().any(|language| language == "zh"));
/// # Ok::<(), offseeker_question_synthesis::SynthesisError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phrasebook(BTreeMap<String, Phrases>);

/// The words of one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// How sentences are built.
    pub frame: Frame,
    /// Words for kinds of entities.
    #[serde(default)]
    pub kinds: BTreeMap<String, Noun>,
    /// Clauses for kinds of relations.
    #[serde(default)]
    pub relations: BTreeMap<String, RelationPhrase>,
    /// Clauses for properties.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldPhrase>,
}

/// How sentences of a language are built. What is filled in stands in braces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The word for what no kind is known of.
    pub thing: Noun,
    /// Where nothing is said of a kind: its article before a consonant, its article before a vowel, its measure word.
    pub articles: [String; 3],
    /// Something that is spoken of for the first time: `{article}`, `{measure}`, `{noun}`.
    pub first: Template,
    /// Something that was spoken of.
    pub again: Template,
    /// The same for something that has a `{label}`, because there are several of its kind.
    pub first_labelled: Template,
    /// The same for something that was spoken of.
    pub again_labelled: Template,
    /// Labels, in their order.
    pub labels: Vec<String>,
    /// What becomes of the ending of a word for one where it is said of several, by the longest ending that it has.
    pub several: BTreeMap<String, String>,
    /// One of those that are counted: `{noun}`.
    pub counted: Template,
    /// A `{clause}` as a sentence.
    pub sentence: Template,
    /// What stands between sentences.
    pub between: String,
    /// What stands between clauses in a list.
    pub list: String,
    /// That there is something of which no clause speaks: `{it}`.
    pub there_is: Template,
    /// Asks for the name of `{it}`.
    pub name: Template,
    /// Asks for one of several, `{among}`: `{which}` says what is special about it.
    pub extreme: Template,
    /// What stands between several that are compared, and between the last two.
    pub and: [String; 2],
    /// Says `{clauses}` that hold for each of those that are counted: `{many}`.
    pub counting: Template,
    /// Asks how many there are: `{many}`.
    pub count: Template,
    /// A relation of which nothing else is known than its `{kind}`, from `{from}` to `{to}`.
    pub relation: Template,
    /// A property of which nothing else is known than that it is called `{field}`.
    pub field: FieldPhrase,
}

impl Frame {
    /// The word for several by the word for one.
    fn several_of(&self, noun: &str) -> String {
        let fitting =
            self.several.iter().filter_map(|(ending, instead)| Some((noun.strip_suffix(ending.as_str())?, instead)));
        let longest = fitting.min_by_key(|(stem, _)| stem.len());
        longest.map_or_else(|| noun.to_owned(), |(stem, instead)| format!("{stem}{instead}"))
    }
}

/// A word for a kind of entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noun {
    /// The word for one: `mill`.
    pub noun: String,
    /// The word for several; as the frame says it, where it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub many: String,
    /// What stands before it: `a`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub article: String,
    /// What it is counted in: `座`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub measure: String,
}

/// A clause for a kind of relation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationPhrase {
    /// The clause, with `{from}` and `{to}`.
    pub says: Template,
    /// The kind of what it begins at, where the clause makes it plain.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// The kind of what it leads to, where the clause makes it plain.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
}

/// Clauses for a property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldPhrase {
    /// That it has a value: `{of}`, `{value}`.
    pub is: Template,
    /// That it has a value that is a whole date, where that is said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Template>,
    /// That it lies in a range: `{of}`, `{least}`, `{most}`.
    pub between: Template,
    /// Asks for it: `{of}`.
    pub ask: Template,
    /// What is special about the one that has least of it, to be filled into the question.
    pub least: Template,
    /// What is special about the one that has most of it.
    pub most: Template,
    /// The kind of what has it, where the clause makes it plain.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
}

/// Words that are added to those of a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct More {
    frame: Option<Frame>,
    #[serde(default)]
    kinds: BTreeMap<String, Noun>,
    #[serde(default)]
    relations: BTreeMap<String, RelationPhrase>,
    #[serde(default)]
    fields: BTreeMap<String, FieldPhrase>,
}

impl Default for Phrasebook {
    fn default() -> Self {
        let read = |text| serde_json::from_str::<Phrases>(text).expect("a test reads the shipped phrases").spelled();
        Self(SHIPPED.into_iter().map(|(language, text)| (language.to_owned(), read(text))).collect())
    }
}

impl Phrasebook {
    /// What tells it from another.
    pub(crate) fn hash(&self) -> String {
        hashed(self)
    }

    /// Adds the words of a book that is JSON; what both have is taken from it. A language that is new has to have a
    /// `frame`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Phrasebook`] where it is no such book, or fills in what there is not.
    pub fn with_json(mut self, json: &str) -> Result<Self, SynthesisError> {
        let wrong = |place: &str, reason: String| SynthesisError::Phrasebook { place: place.to_owned(), reason };
        let more: BTreeMap<String, More> =
            serde_json::from_str(json).map_err(|it| wrong("its JSON", it.to_string()))?;
        for (language, more) in more {
            let frame = more.frame.or_else(|| self.0.get(&language).map(|known| known.frame.clone()));
            let frame = frame.ok_or_else(|| wrong(&language, "a new language needs a `frame`".to_owned()))?;
            let known = self.0.remove(&language);
            let mut phrases = known.unwrap_or_else(|| Phrases::new(frame.clone()));
            phrases.frame = frame;
            let added =
                Phrases { kinds: more.kinds, relations: more.relations, fields: more.fields, ..phrases.clone() };
            let added = added.spelled();
            phrases.kinds.extend(added.kinds);
            phrases.relations.extend(added.relations);
            phrases.fields.extend(added.fields);
            phrases.check().map_err(|(place, reason)| wrong(&format!("{language}.{place}"), reason))?;
            self.0.insert(language, phrases);
        }
        Ok(self)
    }

    /// The languages that it has words for.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The words of a language; those of `en` serve `en-GB` as well.
    #[must_use]
    pub fn phrases(&self, language: &str) -> Option<&Phrases> {
        self.0.get(language).or_else(|| self.0.get(language.split('-').next()?))
    }
}

impl Phrases {
    fn new(frame: Frame) -> Self {
        Self { frame, kinds: BTreeMap::new(), relations: BTreeMap::new(), fields: BTreeMap::new() }
    }

    /// The same with keys under which words are found however a graph spells them.
    fn spelled(self) -> Self {
        Self {
            frame: self.frame,
            kinds: self.kinds.into_iter().map(|(name, word)| (key(&name), word)).collect(),
            relations: self.relations.into_iter().map(|(name, word)| (key(&name), word)).collect(),
            fields: self.fields.into_iter().map(|(name, word)| (key(&name), word)).collect(),
        }
    }

    /// The word for a kind.
    pub(crate) fn noun(&self, kind: &str) -> Noun {
        if kind.trim().is_empty() {
            return self.frame.thing.clone();
        }
        let known = self.kinds.get(&key(kind)).cloned();
        let mut noun = known.unwrap_or_else(|| Noun {
            noun: plain(kind),
            many: String::new(),
            article: String::new(),
            measure: String::new(),
        });
        let vowel = noun.noun.chars().next().is_some_and(|first| "aeiouAEIOU".contains(first));
        let [before_consonant, before_vowel, measure] = &self.frame.articles;
        if noun.article.is_empty() {
            noun.article.clone_from(if vowel { before_vowel } else { before_consonant });
        }
        if noun.many.is_empty() {
            noun.many = self.frame.several_of(&noun.noun);
        }
        if noun.measure.is_empty() {
            noun.measure.clone_from(measure);
        }
        noun
    }

    /// The clause for a kind of relation, where the book has one.
    pub(crate) fn relation(&self, kind: &str) -> Option<&RelationPhrase> {
        self.relations.get(&key(kind))
    }

    /// The clauses for a property.
    pub(crate) fn field(&self, field: &str) -> &FieldPhrase {
        self.fields.get(&key(field)).unwrap_or(&self.frame.field)
    }

    /// All that its templates say whatever is filled in.
    pub(crate) fn literal(&self) -> String {
        let templates = self.templates();
        templates.iter().map(|(_, template, _)| template.fill(&[]) + " ").collect()
    }

    /// The first template that fills in what there is not, where it stands, and what is wrong with it.
    fn check(&self) -> Result<(), (String, String)> {
        for (place, template, known) in self.templates() {
            if let Some(stranger) = template.names().find(|name| !known.contains(name)) {
                return Err((place, format!("{{{stranger}}} is not filled in here; there are: {}", known.join(", "))));
            }
        }
        Ok(())
    }

    /// Every template, where it stands, and what may be filled in there.
    fn templates(&self) -> Vec<(String, &Template, &[&str])> {
        let frame = &self.frame;
        let words: &[&str] = &["article", "measure", "noun", "label"];
        let mut all: Vec<(String, &Template, &[&str])> = vec![
            ("frame.first".to_owned(), &frame.first, words),
            ("frame.again".to_owned(), &frame.again, words),
            ("frame.first_labelled".to_owned(), &frame.first_labelled, words),
            ("frame.again_labelled".to_owned(), &frame.again_labelled, words),
            ("frame.counted".to_owned(), &frame.counted, words),
            ("frame.sentence".to_owned(), &frame.sentence, &["clause"]),
            ("frame.there_is".to_owned(), &frame.there_is, &["it"]),
            ("frame.name".to_owned(), &frame.name, &["it"]),
            ("frame.extreme".to_owned(), &frame.extreme, &["among", "which"]),
            ("frame.counting".to_owned(), &frame.counting, &["many", "clauses"]),
            ("frame.count".to_owned(), &frame.count, &["many"]),
            ("frame.relation".to_owned(), &frame.relation, &["from", "to", "kind"]),
        ];
        for (name, relation) in &self.relations {
            all.push((format!("relations.{name}"), &relation.says, &["from", "to"]));
        }
        let fallback = std::iter::once(("frame.field".to_owned(), &frame.field));
        for (place, field) in fallback.chain(self.fields.iter().map(|(name, it)| (format!("fields.{name}"), it))) {
            all.push((format!("{place}.is"), &field.is, &["of", "value", "field"]));
            all.extend(field.on.iter().map(|on| (format!("{place}.on"), on, &["of", "value", "field"][..])));
            all.push((format!("{place}.between"), &field.between, &["of", "least", "most", "field"]));
            all.push((format!("{place}.ask"), &field.ask, &["of", "field"]));
            all.push((format!("{place}.least"), &field.least, &["field"]));
            all.push((format!("{place}.most"), &field.most, &["field"]));
        }
        all
    }
}

/// The name of a kind, a relation or a property as words.
pub(crate) fn plain(name: &str) -> String {
    name.replace('_', " ").trim().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_book_fills_in_what_there_is() {
        for language in ["en", "zh", "en-GB"] {
            Phrasebook::default().phrases(language).unwrap().check().unwrap();
        }
        assert!(Phrasebook::default().phrases("de").is_none());
    }

    #[test]
    fn a_book_of_ones_own_goes_before() {
        check(r#"{"en": {"kinds": {"Grist Mill": {"noun": "gristmill"}}}}"#, "");
        check(r#"{"en": {"relations": {"x": {"says": "{from} {too}"}}}}"#, "the phrasebook is wrong at en.relations.x");
        check(r#"{"de": {}}"#, "the phrasebook is wrong at de: a new language needs a `frame`");
        check("{", "the phrasebook is wrong at its JSON");
        check(r#"{"en": {"verbs": {}}}"#, "the phrasebook is wrong at its JSON: unknown field `verbs`");
        let mine = r#"{"en": {"kinds": {"mill": {"noun": "gristmill"}}}}"#;
        let book = Phrasebook::default().with_json(mine).unwrap();
        assert_eq!(book.phrases("en").unwrap().noun("Mill").noun, "gristmill");
        assert_eq!(book.phrases("en").unwrap().noun("river").noun, "river");
        for (one, several) in
            [("quern", "querns"), ("class", "classes"), ("tax entity", "tax entities"), ("quay", "quays")]
        {
            assert_eq!(book.phrases("en").unwrap().noun(one).many, several);
        }
        assert_eq!(book.phrases("zh").unwrap().noun("磨石").many, "磨石");
    }

    fn check(json: &str, error: &str) {
        let message = Phrasebook::default().with_json(json).map_or_else(|error| error.to_string(), |_| String::new());
        assert!(message.starts_with(error) && message.is_empty() == error.is_empty(), "{json}: {message}");
    }
}
