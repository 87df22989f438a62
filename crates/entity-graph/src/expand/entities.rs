//! The fourth stage: a model finds names in the pages, and each has to stand there.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use async_trait::async_trait;
use offseeker_chat::arguments::Schema;
use offseeker_pages::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ask::{Asker, LONGEST_LABEL, bare, form, text};
use super::ledger::Ledger;
use super::settle::{Pace, Step, settle};
use super::{ExpandError, ExpandOptions, Setback, Stage, Tally};
use crate::key;

/// The longest name, in characters.
pub(super) const LONGEST_NAME: usize = 120;

/// A name that stands in a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mention {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) kind: String,
}

/// What a model found in a window.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    mentions: Vec<Mention>,
    /// How many names do not stand in the page.
    hallucinated: usize,
}

/// A part of a page that a model is shown.
struct Window<'a> {
    page: &'a str,
    number: usize,
}

struct Entities<'a> {
    asker: &'a Asker,
    pages: &'a Ledger<Page>,
    options: &'a ExpandOptions,
}

#[derive(Deserialize)]
struct Answer {
    entities: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default, rename = "type")]
    kind: String,
}

static FORM: LazyLock<Schema> = LazyLock::new(|| {
    let properties = json!({"name": text(1_000), "description": text(4_000), "type": text(200)});
    let entity = json!({"type": "object", "required": ["name"], "properties": properties});
    let entities = json!({"type": "array", "maxItems": 1_000, "items": entity});
    form(json!({"type": "object", "required": ["entities"], "properties": {"entities": entities}}))
});

#[async_trait]
impl<'a> Step for Entities<'a> {
    type Item = Window<'a>;
    type Outcome = Found;

    fn stage(&self) -> Stage {
        Stage::Entities
    }

    fn key(&self, window: &Window<'a>) -> String {
        key_of(window.page, window.number)
    }

    async fn work(&self, window: &Window<'a>, tried: &[String]) -> Result<Found, Setback> {
        // A page that was there when its windows were counted can be read, unless the disk fails.
        let page = self.pages.get(window.page).map_err(|error| Setback::outage(error.to_string()))?;
        let page = page.ok_or_else(|| Setback::outage(format!("the page {} is gone", window.page)))?;
        let shown = windows(&page.text, self.options).into_iter().nth(window.number).unwrap_or_default();
        let prompt = self.asker.prompts.entities.fill(&[
            ("most", &self.options.names.to_string()),
            ("title", &page.title),
            ("url", &page.url),
            ("text", &page.text[shown]),
        ]);
        let answer: Answer = self.asker.ask(&self.key(window), prompt, &FORM, tried).await?;
        Ok(checked(answer, &page, self.options.names))
    }
}

fn key_of(page: &str, number: usize) -> String {
    format!("{number} {page}")
}

/// The names that stand in the page, each once.
fn checked(answer: Answer, page: &Page, most: usize) -> Found {
    let folded = folded(&page.text);
    let (mut mentions, mut seen, mut hallucinated) = (Vec::new(), HashSet::new(), 0);
    for named in answer.entities {
        let name = bare(&named.name);
        let is_name = name.chars().any(char::is_alphanumeric) && name.chars().count() <= LONGEST_NAME;
        if !is_name || !(page.text.contains(name) || folded.contains(name)) {
            hallucinated += 1;
        } else if mentions.len() < most && seen.insert(key(name)) {
            let description = self::folded(&named.description);
            mentions.push(Mention { name: name.to_owned(), description, kind: label(&named.kind) });
        }
    }
    Found { mentions, hallucinated }
}

/// A kind as it is written: in lower case, not too long.
pub(super) fn label(kind: &str) -> String {
    folded(kind).to_lowercase().chars().take(LONGEST_LABEL).collect()
}

/// The text with single spaces between its words.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts of a text that a model is shown, in bytes.
fn windows(text: &str, options: &ExpandOptions) -> Vec<Range<usize>> {
    let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    places.push(text.len());
    let last = places.len() - 1;
    let mut windows = Vec::new();
    for start in (0..).step_by(options.stride).take(options.windows) {
        let end = last.min(start + options.window);
        windows.push(places[start]..places[end]);
        if end == last {
            break;
        }
    }
    windows
}

/// A name with the page that it stands in.
pub(super) struct Met {
    pub(super) mention: Mention,
    pub(super) page: String,
    pub(super) language: String,
}

/// Finds names in pages, so many of each.
pub(super) async fn entities(
    asker: &Asker,
    (pages, keys, options): (&Ledger<Page>, &[String], &ExpandOptions),
    ledger: &mut Ledger<Found>,
    pace: &Pace<'_>,
) -> Result<(Vec<Met>, Tally), ExpandError> {
    let step = Entities { asker, pages, options };
    let (mut items, mut languages) = (Vec::new(), Vec::new());
    for page in keys {
        let Some(read) = pages.get(page)? else { continue };
        let count = windows(&read.text, options).len();
        items.extend((0..count).map(|number| Window { page, number }));
        languages.push((page, count, read.language.unwrap_or_default()));
    }
    settle(&step, &items, ledger, pace).await?;
    let mut tally = Tally::new(Stage::Entities);
    let item_keys: Vec<String> = items.iter().map(|item| step.key(item)).collect();
    ledger.tally(item_keys.iter().map(String::as_str), &mut tally);
    let mut met = Vec::new();
    for (page, count, language) in languages {
        let (mut seen, mut too_many) = (HashSet::new(), 0);
        for number in 0..count {
            let Some(found) = ledger.get(&key_of(page, number))? else { continue };
            tally.drop("not in the page", found.hallucinated);
            for mention in found.mentions {
                if !seen.insert(key(&mention.name)) {
                    continue;
                }
                if seen.len() > options.names {
                    too_many += 1;
                } else {
                    met.push(Met { mention, page: page.clone(), language: language.clone() });
                }
            }
        }
        tally.drop("too many of a page", too_many);
    }
    tally.give("names", met.len());
    Ok((met, tally))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_overlap_and_end_with_the_text() {
        let options = |windows| ExpandOptions { window: 100, stride: 90, windows, ..ExpandOptions::default() };
        let text = "磨".repeat(250);
        let found = |text: &str, windows| {
            let parts = super::windows(text, &options(windows));
            parts.into_iter().map(|part| (part.start / 3, part.end / 3)).collect::<Vec<_>>()
        };
        assert_eq!(found(&text, 4), [(0, 100), (90, 190), (180, 250)]);
        assert_eq!(found(&text, 2), [(0, 100), (90, 190)]);
        assert_eq!(found("磨坊", 4), [(0, 2)]);
        assert_eq!(found("", 4), [(0, 0)]);
    }
}
