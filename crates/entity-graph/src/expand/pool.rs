//! The fifth stage: names become a pool of entities, and it is measured how little known each is.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::LazyLock;

use async_trait::async_trait;
use offseeker_chat::arguments::Schema;
use offseeker_search::{Query, SearchBackend, SearchError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ask::{Asker, form, text};
use super::entities::Met;
use super::ledger::Ledger;
use super::settle::{Pace, Step, settle};
use super::{ExpandError, ExpandOptions, Setback, Stage, Tally};
use crate::{Entity, EntityGraph, EntityId, LEAST_SHARE, duplicates, key, long_tail_score};

/// So many views of a page in a month make something as well known as can be.
const MOST_VIEWS: u64 = 1_000_000;

/// The most pages of an entity that are remembered.
pub(super) const MOST_PAGES: usize = 8;

/// Says how often the page of a name is looked at: an encyclopedia, for one.
#[async_trait]
pub trait Pageviews: Debug + Send + Sync {
    /// What it is called; the same at every call.
    fn name(&self) -> &str;

    /// How often the page of a name was looked at in a month; none where there is no such page.
    async fn views(&self, name: &str, language: &str) -> Result<Option<u64>, SearchError>;
}

/// An entity of the pool, and how little known it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// The entity.
    pub entity: Entity,
    /// The pages in which it is named.
    pub named_in: Vec<String>,
    /// How little known it is, between 0 and 1: the mean of what was measured. None, where nothing could be.
    pub score: Option<f64>,
    /// What was measured, each between 0 (known to all) and 1: `familiarity` of the model, which is asked without looking
    /// anything up; `hits` of the search backend that name it; `views` of its page, where somebody counts them.
    pub measures: BTreeMap<String, f64>,
    /// Whether the score is high enough for it to be explored.
    pub is_admitted: bool,
}

/// One thing to measure about one entity.
pub(super) struct Measure {
    what: What,
    entity: Entity,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Familiarity,
    Hits,
    Views,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Familiarity => "familiarity",
            Self::Hits => "hits",
            Self::Views => "views",
        }
    }
}

/// What the pool is measured with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gauges<'a> {
    pub(super) asker: &'a Asker,
    pub(super) search: &'a dyn SearchBackend,
    pub(super) pageviews: Option<&'a dyn Pageviews>,
    pub(super) log_hits: usize,
}

#[derive(Deserialize)]
struct Answer {
    familiarity: f64,
}

static FORM: LazyLock<Schema> = LazyLock::new(|| {
    let properties = json!({"known": text(4_000), "familiarity": {"type": "number", "minimum": 0, "maximum": 10}});
    form(json!({"type": "object", "required": ["familiarity"], "properties": properties}))
});

#[async_trait]
impl Step for Gauges<'_> {
    type Item = Measure;
    type Outcome = f64;

    fn stage(&self) -> Stage {
        Stage::Pool
    }

    fn key(&self, measure: &Measure) -> String {
        format!("{}/{}", measure.what.name(), measure.entity.id)
    }

    async fn work(&self, measure: &Measure, tried: &[String]) -> Result<f64, Setback> {
        let Entity { name, kind, language, .. } = &measure.entity;
        match measure.what {
            What::Familiarity => {
                let kind = if kind.is_empty() { "of unknown kind" } else { kind };
                let prompt = self.asker.prompts.familiarity.fill(&[("name", name), ("kind", kind)]);
                let answer: Answer = self.asker.ask(&self.key(measure), prompt, &FORM, tried).await?;
                Ok(1.0 - answer.familiarity.clamp(0.0, 10.0) / 10.0)
            }
            What::Hits => {
                let hits = self.search.search(&Query::new(name.as_str()).limit(self.log_hits)).await?;
                let wanted = key(name);
                let is_named = |text: &str| format!(" {} ", key(text)).contains(&format!(" {wanted} "));
                let dense = wanted.chars().any(offseeker_pages::is_dense);
                let names = |text: &str| is_named(text) || (dense && key(text).contains(&wanted));
                let count = hits.iter().filter(|hit| names(&hit.title) || names(&hit.snippet)).count();
                Ok(long_tail_score(count as u64, self.log_hits as u64))
            }
            What::Views => {
                let Some(pageviews) = self.pageviews else { return Ok(1.0) };
                let views = pageviews.views(name, language).await?;
                Ok(long_tail_score(views.unwrap_or_default(), MOST_VIEWS))
            }
        }
    }
}

/// Makes a pool of names, and measures each of its entities.
pub(super) async fn pool(
    gauges: Gauges<'_>,
    (met, options): (Vec<Met>, &ExpandOptions),
    ledger: &mut Ledger<f64>,
    pace: &Pace<'_>,
) -> Result<(Vec<Pooled>, Tally), ExpandError> {
    let names = met.len();
    let entities = merged(met);
    let whats = [Some(What::Familiarity), Some(What::Hits), gauges.pageviews.map(|_| What::Views)];
    let of = |(entity, _): &(Entity, Vec<String>)| {
        let entity = entity.clone();
        whats.into_iter().flatten().map(move |what| Measure { what, entity: entity.clone() }).collect::<Vec<_>>()
    };
    let items: Vec<Measure> = entities.iter().flat_map(of).collect();
    settle(&gauges, &items, ledger, pace).await?;
    let mut tally = Tally::new(Stage::Pool);
    let keys: Vec<String> = items.iter().map(|item| gauges.key(item)).collect();
    ledger.tally(keys.iter().map(String::as_str), &mut tally);
    tally.drop("double", names - entities.len());
    let mut measured: BTreeMap<EntityId, BTreeMap<String, f64>> = BTreeMap::new();
    for (item, key) in items.iter().zip(&keys) {
        if let Some(score) = ledger.get(key)? {
            measured.entry(item.entity.id).or_default().insert(item.what.name().to_owned(), score);
        }
    }
    let pooled = |(entity, named_in): (Entity, Vec<String>)| {
        let measures = measured.remove(&entity.id).unwrap_or_default();
        let score = (!measures.is_empty()).then(|| measures.values().sum::<f64>() / measures.len() as f64);
        let is_admitted = score.is_some_and(|score| score >= options.least_score);
        Pooled { entity, named_in, score, measures, is_admitted }
    };
    let pool: Vec<Pooled> = entities.into_iter().map(pooled).collect();
    let admitted = pool.iter().filter(|pooled| pooled.is_admitted).count();
    tally.drop("too well known", pool.len() - admitted);
    tally.give("entities", admitted);
    if (admitted as f64) < LEAST_SHARE * pool.len() as f64 {
        let share = admitted as f64 / pool.len() as f64;
        tracing::warn!(share, "few entities are little known; questions about them will be easy");
    }
    Ok((pool, tally))
}

/// The entities that names stand for, each once, with the pages that name it.
fn merged(met: Vec<Met>) -> Vec<(Entity, Vec<String>)> {
    let mut graph = EntityGraph::new();
    let mut pages: BTreeMap<EntityId, Vec<String>> = BTreeMap::new();
    for Met { mention, page, language } in met {
        let id = id_of(&mention.name, &mention.kind);
        pages.entry(id).or_default().push(page);
        let (kind, description) = (mention.kind, mention.description);
        graph.add(Entity { kind, language, description, ..Entity::new(id, mention.name) });
    }
    let merges = duplicates(&graph.entities);
    let mut named: BTreeMap<EntityId, Vec<String>> = BTreeMap::new();
    for (id, pages) in pages {
        named.entry(merges.of(id)).or_default().extend(pages);
    }
    let named_in = |entity: Entity| {
        let mut pages = named.remove(&entity.id).unwrap_or_default();
        pages.sort_unstable();
        pages.dedup();
        pages.truncate(MOST_PAGES);
        (entity, pages)
    };
    merges.apply(graph).entities.into_iter().map(named_in).collect()
}

/// The id of something of which a name and a kind are known.
pub(super) fn id_of(name: &str, kind: &str) -> EntityId {
    EntityId::of(&["name", &key(name), kind])
}
