//! What there is to know of an entity, with the words of the pages that say it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use offseeker_chat::arguments::Schema;
use offseeker_pages::Page;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::expand::Setback;
use crate::expand::ask::{LONGEST_LABEL, bare, form, read, text};
use crate::expand::entities::{LONGEST_NAME, folded, label};
use crate::expand::urls::normal;
use crate::{Entity, Evidence, key};

/// The most facts of an entity, and the most relations.
const MOST: usize = 64;

/// What there is to know of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// What it is, in a sentence; empty where that was not found.
    #[serde(default)]
    pub description: String,
    /// What it is, in a word or two; empty where that was not found.
    #[serde(default)]
    pub kind: String,
    /// The pages that are about it.
    #[serde(default)]
    pub pages: Vec<String>,
    /// What is true of it.
    #[serde(default)]
    pub facts: Vec<Finding>,
    /// How it has to do with others.
    #[serde(default)]
    pub ways: Vec<Way>,
    /// How many facts and relations were left out, by the reason.
    #[serde(default)]
    pub dropped: BTreeMap<String, usize>,
}

/// What is true of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The sentence.
    pub text: String,
    /// Which property it is about, where that is known.
    #[serde(default)]
    pub field: String,
    /// The value of that property.
    #[serde(default)]
    pub value: String,
    /// Where it is written.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// How an entity has to do with another: a way on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The name of the other.
    pub name: String,
    /// What the other is; empty where that is not known.
    #[serde(default)]
    pub kind: String,
    /// What the relation is, in a word or two.
    pub relation: String,
    /// The relation as a sentence.
    #[serde(default)]
    pub text: String,
    /// The page that is about the other, where it is known.
    #[serde(default)]
    pub page: Option<String>,
    /// Where it is written.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    description: String,
    #[serde(default, rename = "type")]
    kind: String,
    facts: Vec<Said>,
    relations: Vec<Related>,
}

#[derive(Deserialize)]
struct Said {
    text: String,
    #[serde(default)]
    quote: String,
    #[serde(default)]
    page: String,
}

#[derive(Deserialize)]
struct Related {
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    relation: String,
    #[serde(flatten)]
    said: Said,
}

static FORM: LazyLock<Schema> = LazyLock::new(|| {
    let object =
        |required: Value, properties: Value| json!({"type": "object", "required": required, "properties": properties});
    let list = |item: Value| json!({"type": "array", "maxItems": 1_000, "items": item});
    let (label, long) = (text(1_000), text(8_000));
    let fact = object(json!(["text", "quote"]), json!({"text": long, "quote": long, "page": long}));
    let properties =
        json!({"name": label, "type": label, "relation": label, "text": long, "quote": long, "page": long});
    let relation = object(json!(["name", "relation", "text", "quote"]), properties);
    let properties = json!({"description": long, "type": label, "facts": list(fact), "relations": list(relation)});
    form(object(json!(["facts", "relations"]), properties))
});

impl Findings {
    /// Reads what a model found about an entity, and looks its quotes up in the pages that it saw.
    ///
    /// What no page says is left out and counted, or kept without evidence where that is asked for. A relation to a name
    /// that stands in none of the pages is left out in any case.
    ///
    /// # Errors
    ///
    /// When the text is no JSON of the form that the prompts ask for.
    pub fn read(text: &str, entity: &Entity, pages: &[Page], keep_unsupported: bool) -> Result<Self, Setback> {
        let answer: Answer = read(text, &FORM)?;
        let mut found = Self { description: folded(&answer.description), kind: label(&answer.kind), ..Self::default() };
        for said in answer.facts {
            let evidence = looked_up(&said, pages);
            if evidence.is_some() || keep_unsupported {
                let evidence = evidence.into_iter().collect();
                found.fact(Finding { text: folded(&said.text), evidence, ..Finding::default() });
            } else {
                found.drop("fact that no page says");
            }
        }
        for related in answer.relations {
            found.relate(&related, entity, pages, keep_unsupported);
        }
        Ok(found)
    }

    fn relate(&mut self, related: &Related, entity: &Entity, pages: &[Page], keep_unsupported: bool) {
        let name = bare(&related.name);
        let wanted = key(name);
        let is_itself = entity.names().any(|own| key(own) == wanted);
        let is_name = name.chars().any(char::is_alphanumeric) && name.chars().count() <= LONGEST_NAME;
        let evidence = looked_up(&related.said, pages);
        if is_itself {
            self.drop("relation to itself");
        } else if !is_name || !pages.iter().any(|page| page.text.contains(name) || page.title.contains(name)) {
            self.drop("name that stands in no page");
        } else if evidence.is_none() && !keep_unsupported {
            self.drop("relation that no page says");
        } else {
            let relation = label(&related.relation);
            self.way(Way {
                name: name.to_owned(),
                kind: label(&related.kind),
                relation: if relation.is_empty() { "related to".to_owned() } else { relation },
                text: folded(&related.said.text),
                page: None,
                evidence: evidence.into_iter().collect(),
            });
        }
    }

    /// Adds a fact, as long as there are not very many.
    pub fn fact(&mut self, fact: Finding) {
        if self.facts.len() == MOST {
            self.drop("fact too many");
        } else if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    /// Adds a relation, as long as there are not very many.
    pub fn way(&mut self, way: Way) {
        if self.ways.len() == MOST {
            self.drop("relation too many");
        } else if !self.ways.contains(&way) {
            self.ways.push(Way { relation: way.relation.chars().take(LONGEST_LABEL).collect(), ..way });
        }
    }

    fn drop(&mut self, reason: &str) {
        *self.dropped.entry(reason.to_owned()).or_default() += 1;
    }
}

/// Where a quote stands: in the page that is named, else in any.
fn looked_up(said: &Said, pages: &[Page]) -> Option<Evidence> {
    let named = normal(&said.page);
    let (first, others): (Vec<&Page>, Vec<&Page>) = pages.iter().partition(|page| normal(&page.url) == named);
    first.into_iter().chain(others).find_map(|page| Evidence::find(&page.url, &page.text, said.quote.trim()))
}
