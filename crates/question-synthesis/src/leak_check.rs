//! Checks that the words of a question give nothing away.

mod numbers;
mod words;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use offseeker_entity_graph::GraphError;
use offseeker_search::{Query, SearchBackend};
use serde_json::{Value, json};

use crate::names::{compared, places, speaks_of};
use crate::phrasebook::{Phrasebook, Phrases, plain};
use crate::planner::unread;
use crate::{Ask, Condition, Constraint, Draft, Ground, Level, NoLeak, Pass, Plan, Rejection, Term};
use numbers::{dates, numbers};
use words::{blanked, content_words, quoted, superlative};

const NAME: &str = "leak_check";

/// The words of the English phrases: what is called `CALL` is not given away by `call it thing A`.
static PHRASE_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let book = Phrasebook::default();
    let text = book.phrases("en").map(Phrases::literal).unwrap_or_default();
    compared(&text).into_iter().collect()
});

/// Something that a question gives away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leak {
    /// It speaks of its answer.
    Answer {
        /// As which.
        spelling: String,
    },
    /// It names an entity that it does not name on purpose.
    Name {
        /// The name.
        name: String,
    },
    /// It has a whole date.
    Date {
        /// The date.
        date: String,
    },
    /// It has a year that ends no range.
    Year {
        /// The year.
        year: String,
    },
    /// It has a number with three significant digits or more that ends no range.
    Number {
        /// The number.
        number: String,
    },
    /// It has something in quotation marks.
    Quoted {
        /// What stands between them.
        text: String,
    },
    /// It says that something is the only one, the first, the largest.
    Superlative {
        /// The word.
        word: String,
    },
}

impl Leak {
    /// What kind of leak it is, as it is counted: `leak_year`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "leak_answer",
            Self::Name { .. } => "leak_name",
            Self::Date { .. } => "leak_date",
            Self::Year { .. } => "leak_year",
            Self::Number { .. } => "leak_number",
            Self::Quoted { .. } => "leak_quoted",
            Self::Superlative { .. } => "leak_superlative",
        }
    }

    /// The words that give it away.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Answer { spelling: text }
            | Self::Name { name: text }
            | Self::Date { date: text }
            | Self::Year { year: text }
            | Self::Number { number: text }
            | Self::Quoted { text }
            | Self::Superlative { word: text } => text,
        }
    }
}

/// What the words of a question give away: its answer; any name of any entity of the graph that its plan does not name;
/// whole dates, years and long numbers; what is quoted; superlatives.
///
/// What a plan says on purpose is no leak: what it names, what its kinds, relations and properties are called, the values
/// that it gives, the ends of its ranges, and of a question for the least or the most of something the words of its last
/// sentence. Nor is a name that consists of the words of the English phrases alone. From the level [`Level::Ranges`] on, a
/// plan gives no number on purpose.
///
/// # Errors
///
/// When the names of the graph cannot be read.
pub fn leaks(ground: &Ground, text: &str, plan: &Plan, level: Level) -> Result<Vec<Leak>, GraphError> {
    let mut leaks = Vec::new();
    let spoken = compared(text);
    let answer = plan.answer.spellings().filter(|spelling| tells(spelling));
    leaks.extend(
        answer
            .filter(|spelling| !places(&spoken, &compared(spelling)).is_empty())
            .map(|spelling| Leak::Answer { spelling: spelling.to_owned() }),
    );
    let purposely: Vec<Cow<'_, str>> = on_purpose(plan, level).collect();
    let allowed: Vec<_> = purposely.iter().flat_map(|text| places(&spoken, &compared(text))).collect();
    for (place, node) in ground.names()?.within(&spoken) {
        let within = |it: &std::ops::Range<usize>| it.start <= place.start && place.end <= it.end;
        let is_phrase = || spoken[place.clone()].iter().all(|word| PHRASE_WORDS.contains(word));
        if !allowed.iter().any(within) && !is_phrase() {
            leaks.push(Leak::Name { name: ground.graph().name(node).to_owned() });
        }
    }
    let bare = blanked(text, purposely.iter().map(AsRef::as_ref));
    let ends: Vec<f64> = plan.clues.iter().flat_map(|clue| ends(&clue.says)).collect();
    let (found, rest) = dates(&bare);
    leaks.extend(found.into_iter().map(|date| Leak::Date { date }));
    for number in numbers(&rest).into_iter().filter(|number| !ends.contains(&number.value)) {
        if number.is_year {
            leaks.push(Leak::Year { year: number.text });
        } else if number.digits >= 3 {
            leaks.push(Leak::Number { number: number.text });
        }
    }
    leaks.extend(quoted(&bare).map(|text| Leak::Quoted { text }));
    let asks_for_extreme = matches!(plan.ask, Ask::Extreme { .. });
    leaks.extend(superlative(&bare, asks_for_extreme).map(|word| Leak::Superlative { word }));
    Ok(leaks)
}

/// Whether a text that has it has an answer in it, and not just a small number.
fn tells(spelling: &str) -> bool {
    let digits = spelling.trim().chars().all(|char| char.is_ascii_digit());
    !digits || spelling.trim().chars().count() > 2
}

/// What a plan says on purpose, word for word.
fn on_purpose(plan: &Plan, level: Level) -> impl Iterator<Item = Cow<'_, str>> {
    plan.clues.iter().flat_map(move |clue| {
        let named = clue.says.terms().filter_map(|term| match term {
            Term::Constant { name, .. } => Some(Cow::from(name)),
            Term::Variable(_) => None,
        });
        let stated = match &clue.says {
            Constraint::Field { is: Condition::Is { value }, .. } => {
                let hidden = level >= Level::Ranges && value.bytes().any(|byte| byte.is_ascii_digit());
                Some(Cow::from(value)).filter(|_| !hidden)
            }
            Constraint::Kind { kind, .. } => Some(Cow::from(format!("{kind}s"))),
            _ => None,
        };
        let called = match &clue.says {
            Constraint::Relation { kind, .. } | Constraint::Kind { kind, .. } => kind,
            Constraint::Field { field, .. } => field,
        };
        named.chain(stated).chain([Cow::from(plain(called))])
    })
}

fn ends(says: &Constraint) -> impl Iterator<Item = f64> + use<> {
    let ends = match says {
        Constraint::Field { is: Condition::Between { least, most }, .. } => vec![*least, *most],
        _ => Vec::new(),
    };
    ends.into_iter()
}

/// Throws drafts out of which the words give something away, as [`leaks`] finds it. With a search, also those where a
/// search for the words of the question shows the answer.
#[derive(Debug, Clone)]
pub struct LeakCheck {
    ground: Arc<Ground>,
    search: Option<Arc<dyn SearchBackend>>,
    /// How many hits of a search are looked at. 10.
    pub hits: usize,
}

impl LeakCheck {
    /// Checks by the names of a graph.
    #[must_use]
    pub fn new(ground: Arc<Ground>) -> Self {
        Self { ground, search: None, hits: Query::LIMIT }
    }

    /// Searches, too.
    #[must_use]
    pub fn searching(self, search: Arc<dyn SearchBackend>) -> Self {
        Self { search: Some(search), ..self }
    }

    async fn probe(&self, search: &dyn SearchBackend, draft: &Draft) -> Result<(), Rejection> {
        let query = Query::new(content_words(&draft.text)).limit(self.hits);
        let hits = search.search(&query).await;
        let hits = hits.map_err(|it| Rejection::undetermined(NAME, "search_unreachable", it.to_string()))?;
        let answer = || draft.plan.answer.spellings().filter(|spelling| tells(spelling));
        match hits.iter().find(|hit| speaks_of(&hit.title, answer()) || speaks_of(&hit.snippet, answer())) {
            Some(hit) => {
                let reason = format!("a search for its words shows the answer: {}", hit.url);
                Err(Rejection::rejected(NAME, "found_by_search", reason))
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Pass for LeakCheck {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> Value {
        json!({ "searches": self.search.is_some(), "hits": self.hits })
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let leaks = leaks(&self.ground, &draft.text, &draft.plan, draft.level).map_err(|it| unread(NAME, &it))?;
        if let Some(first) = leaks.first() {
            let all: Vec<&str> = leaks.iter().map(Leak::text).collect();
            return Err(Rejection::rejected(NAME, first.code(), format!("it says: {}", all.join("; "))));
        }
        let mut probes = 0;
        if let Some(search) = &self.search {
            self.probe(search.as_ref(), &draft).await?;
            probes += 1;
        }
        draft.checks.leak = Some(NoLeak { probes });
        Ok(draft)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
