//! The first stage: a model thinks of nouns, so many of each domain and language.

use std::collections::HashSet;
use std::sync::LazyLock;

use async_trait::async_trait;
use offseeker_chat::arguments::Schema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ask::{Asker, bare, form, text};
use super::ledger::Ledger;
use super::settle::{Pace, Step, settle};
use super::{ExpandError, Setback, Stage, Tally};
use crate::key;

/// The domains of DeepForge.
pub const DOMAINS: [&str; 10] =
    ["technology", "geography", "culture", "art", "nature", "brands", "films", "plants", "animals", "organisations"];

/// Of the nouns that are taken so many are shown, the latest.
const MOST_SHOWN: usize = 1_000;

/// The longest noun, in characters.
const LONGEST: usize = 120;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Noun {
    /// The noun.
    pub text: String,
    /// Its language as a BCP 47 tag: `en`, `zh`.
    pub language: String,
    /// Its domain: `geography`. Empty where that is not known.
    #[serde(default)]
    pub domain: String,
}

impl Noun {
    /// A noun of any domain.
    pub fn new(text: impl Into<String>, language: impl Into<String>) -> Self {
        Self { text: text.into(), language: language.into(), domain: String::new() }
    }
}

/// How many nouns of a domain and a language a model thinks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quota {
    /// The language as a BCP 47 tag.
    pub language: String,
    /// The domain.
    pub domain: String,
    /// How many.
    pub nouns: usize,
}

impl Quota {
    /// The same number for each of [`DOMAINS`] in each of these languages.
    #[must_use]
    pub fn evenly(languages: &[&str], nouns: usize) -> Vec<Self> {
        let quota = |language: &str, domain: &str| Self { language: language.into(), domain: domain.into(), nouns };
        languages.iter().flat_map(|language| DOMAINS.iter().map(|domain| quota(language, domain))).collect()
    }

    /// How often it is asked for at most: twice as often as would do if no noun came twice, and three times more.
    fn rounds(&self, batch: usize) -> usize {
        2 * self.nouns.div_ceil(batch) + 3
    }
}

/// A request for nouns.
struct Batch {
    quota: usize,
    round: usize,
    language: String,
    domain: String,
    count: usize,
    used: Vec<String>,
}

struct Nouns<'a> {
    asker: &'a Asker,
}

#[derive(Deserialize)]
struct Answer {
    nouns: Vec<String>,
}

static FORM: LazyLock<Schema> = LazyLock::new(|| {
    let nouns = json!({"type": "array", "maxItems": 1_000, "items": text(1_000)});
    form(json!({"type": "object", "required": ["nouns"], "properties": {"nouns": nouns}}))
});

#[async_trait]
impl Step for Nouns<'_> {
    type Item = Batch;
    type Outcome = Vec<String>;

    fn stage(&self) -> Stage {
        Stage::Nouns
    }

    fn key(&self, batch: &Batch) -> String {
        format!("{}/{}/{}", batch.language, batch.domain, batch.round)
    }

    async fn work(&self, batch: &Batch, tried: &[String]) -> Result<Vec<String>, Setback> {
        let used = batch.used.join(", ");
        let prompt = self.asker.prompts.nouns.fill(&[
            ("count", &batch.count.to_string()),
            ("language", name_of(&batch.language)),
            ("domain", &batch.domain),
            ("used", if used.is_empty() { "(none)" } else { &used }),
        ]);
        let answer: Answer = self.asker.ask(&self.key(batch), prompt, &FORM, tried).await?;
        let nouns = answer.nouns.iter().map(|noun| bare(noun).to_owned());
        Ok(nouns.filter(|noun| is_noun(noun)).take(batch.count).collect())
    }
}

fn is_noun(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric) && text.chars().count() <= LONGEST && !text.contains('\n')
}

fn name_of(language: &str) -> &str {
    match language {
        "en" => "English",
        "zh" => "Chinese",
        other => other,
    }
}

/// Thinks of nouns, in rounds: those of one round are asked for at once, and each round knows those before.
pub(super) async fn nouns(
    asker: &Asker,
    (given, quotas, batch): (&[Noun], &[Quota], usize),
    ledger: &mut Ledger<Vec<String>>,
    pace: &Pace<'_>,
) -> Result<(Vec<Noun>, Tally), ExpandError> {
    let step = Nouns { asker };
    let mut taken = Taken::of(given);
    let mut open: Vec<(usize, usize)> = quotas.iter().map(|quota| quota.nouns).enumerate().collect();
    let mut asked = Vec::new();
    for round in 0.. {
        open.retain(|(quota, missing)| *missing > 0 && round < quotas[*quota].rounds(batch));
        if open.is_empty() {
            break;
        }
        let ask = |(quota, missing): &(usize, usize)| {
            let Quota { language, domain, .. } = quotas[*quota].clone();
            let used = taken.shown(&language);
            Batch { quota: *quota, round, language, domain, count: batch.min(*missing), used }
        };
        let batches: Vec<Batch> = open.iter().map(ask).collect();
        settle(&step, &batches, ledger, pace).await?;
        for (batch, (_, missing)) in batches.iter().zip(&mut open) {
            let key = step.key(batch);
            let found = ledger.get(&key)?.unwrap_or_default();
            let new = found.into_iter().filter(|text| taken.take(text, &quotas[batch.quota])).count();
            // A model that has nothing new to say is not asked again.
            *missing = if new == 0 { 0 } else { missing.saturating_sub(new) };
            asked.push(key);
        }
    }
    let mut tally = Tally::new(Stage::Nouns);
    ledger.tally(asked.iter().map(String::as_str), &mut tally);
    tally.drop("double", taken.doubles);
    tally.give("nouns", taken.nouns.len());
    Ok((taken.nouns, tally))
}

/// The nouns so far.
struct Taken {
    nouns: Vec<Noun>,
    keys: HashSet<String>,
    doubles: usize,
}

impl Taken {
    fn of(given: &[Noun]) -> Self {
        let mut taken = Self { nouns: Vec::new(), keys: HashSet::new(), doubles: 0 };
        for noun in given {
            taken.push(noun.clone());
        }
        taken
    }

    fn take(&mut self, text: &str, quota: &Quota) -> bool {
        let (language, domain) = (quota.language.clone(), quota.domain.clone());
        self.push(Noun { text: text.to_owned(), language, domain })
    }

    fn push(&mut self, noun: Noun) -> bool {
        let is_new = self.keys.insert(key(&noun.text));
        if is_new {
            self.nouns.push(noun);
        } else {
            self.doubles += 1;
        }
        is_new
    }

    /// The latest of a language.
    fn shown(&self, language: &str) -> Vec<String> {
        let of_it = self.nouns.iter().rev().filter(|noun| noun.language == language);
        let mut shown: Vec<String> = of_it.take(MOST_SHOWN).map(|noun| noun.text.clone()).collect();
        shown.reverse();
        shown
    }
}
