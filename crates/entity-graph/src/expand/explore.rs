//! The last stage: what is little known is explored, and what it leads to, by paths or in all directions.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use offseeker_pages::Page;
use rand::RngExt;
use rand::seq::SliceRandom;

use super::ask::attempt_seed;
use super::atlas::Atlas;
use super::ledger::Ledger;
use super::scout::Findings;
use super::settle::{Pace, Step, settle};
use super::{ExpandError, ExpandOptions, Mode, Outlook, Pooled, Scout, Setback, Stage, Tally};
use crate::{Entity, EntityId, rng};

/// Of the pages that name an entity so many are shown to a scout.
const MOST_SHOWN: usize = 2;

/// What was explored from one entity of the pool on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// The entities, in the order in which they were explored; the first is that of the pool.
    pub nodes: Vec<EntityId>,
    /// For each entity the one that led to it, as a place in `nodes`; the first has its own. On a path it is the one before.
    pub parents: Vec<usize>,
}

/// A trail that is not at its end.
struct Growing {
    trail: Trail,
    /// The places of those that are explored next.
    front: Vec<usize>,
    /// How many steps there were.
    steps: usize,
}

/// An entity that is to be explored.
struct Visit {
    entity: Entity,
    named_in: Vec<String>,
}

struct Exploration<'a> {
    scout: &'a dyn Scout,
    pages: &'a Ledger<Page>,
    seed: u64,
    wall: Duration,
}

#[async_trait]
impl Step for Exploration<'_> {
    type Item = Visit;
    type Outcome = Findings;

    fn stage(&self) -> Stage {
        Stage::Exploration
    }

    fn key(&self, visit: &Visit) -> String {
        visit.entity.id.to_string()
    }

    async fn work(&self, visit: &Visit, tried: &[String]) -> Result<Findings, Setback> {
        let mut pages = Vec::new();
        for url in visit.named_in.iter().take(MOST_SHOWN) {
            pages.extend(self.pages.get(url).map_err(|error| Setback::outage(error.to_string()))?);
        }
        let seed = attempt_seed(self.seed, &self.key(visit), tried.len());
        let outlook = Outlook { entity: &visit.entity, pages: &pages, tried, seed };
        match tokio::time::timeout(self.wall, self.scout.explore(outlook)).await {
            Ok(found) => found,
            Err(_) => {
                let reason = format!("it took longer than {:?}", self.wall);
                Err(Setback::Unusable { kind: "too_slow".to_owned(), reason })
            }
        }
    }
}

/// Explores the entities of the pool that are little known.
pub(super) async fn explore(
    scout: &dyn Scout,
    (pool, pages, options): (&[Pooled], &Ledger<Page>, &ExpandOptions),
    ledger: &mut Ledger<Findings>,
    pace: &Pace<'_>,
) -> Result<(Atlas, Vec<Trail>, Tally), ExpandError> {
    let step = Exploration { scout, pages, seed: options.seed, wall: options.wall };
    let mut atlas = Atlas::of(pool);
    let mut growing: Vec<Growing> = drawn(pool, options).into_iter().map(Growing::from).collect();
    let mut explored: HashMap<EntityId, Vec<EntityId>> = HashMap::new();
    let mut keys = Vec::new();
    let mut dropped: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        // All trails go one step at a time, so that what is known does not depend on which of them is quicker.
        let wanted = wanted(&growing, &explored);
        let visits: Vec<Visit> = wanted.iter().filter_map(|id| atlas.visit(*id)).map(Visit::from).collect();
        settle(&step, &visits, ledger, pace).await?;
        for visit in &visits {
            let key = step.key(visit);
            let found = ledger.get(&key)?.unwrap_or_default();
            for (reason, count) in &found.dropped {
                *dropped.entry(reason.clone()).or_default() += count;
            }
            explored.insert(visit.entity.id, atlas.enter(visit.entity.id, found));
            keys.push(key);
        }
        growing.iter_mut().for_each(|trail| trail.grow(&explored, options));
        if growing.iter().all(|trail| trail.front.is_empty()) {
            break;
        }
    }
    let mut tally = Tally::new(Stage::Exploration);
    ledger.tally(keys.iter().map(String::as_str), &mut tally);
    dropped.iter().for_each(|(reason, count)| tally.drop(reason, *count));
    Ok((atlas, growing.into_iter().map(|growing| growing.trail).collect(), tally))
}

/// The entities that are explored from, in the order of their ids.
fn drawn(pool: &[Pooled], options: &ExpandOptions) -> Vec<EntityId> {
    let mut roots: Vec<EntityId> =
        pool.iter().filter(|pooled| pooled.is_admitted).map(|pooled| pooled.entity.id).collect();
    roots.sort_unstable();
    if let Some(most) = options.roots.filter(|most| *most < roots.len()) {
        roots.shuffle(&mut rng(options.seed, "pool", "draw"));
        roots.truncate(most);
        roots.sort_unstable();
    }
    roots
}

/// What stands at the fronts and was not explored yet, each once.
fn wanted(growing: &[Growing], explored: &HashMap<EntityId, Vec<EntityId>>) -> Vec<EntityId> {
    let mut seen = HashSet::new();
    let fronts = growing.iter().flat_map(|trail| trail.front.iter().map(|place| trail.trail.nodes[*place]));
    fronts.filter(|id| !explored.contains_key(id) && seen.insert(*id)).collect()
}

impl From<EntityId> for Growing {
    fn from(root: EntityId) -> Self {
        Self { trail: Trail { nodes: vec![root], parents: vec![0] }, front: vec![0], steps: 0 }
    }
}

impl From<(Entity, Vec<String>)> for Visit {
    fn from((entity, named_in): (Entity, Vec<String>)) -> Self {
        Self { entity, named_in }
    }
}

impl Growing {
    /// Goes on by one step from where it stands, all of which is explored.
    fn grow(&mut self, explored: &HashMap<EntityId, Vec<EntityId>>, options: &ExpandOptions) {
        let root = self.trail.nodes[0].to_string();
        let mut front = Vec::new();
        for place in std::mem::take(&mut self.front) {
            let mut rng = rng(options.seed, &root, &format!("from {place}"));
            let branches = match &options.mode {
                Mode::Walk { weights } => usize::from(self.steps < length(weights, options.seed, &root)),
                Mode::Graph { reach, .. } if self.steps >= *reach => 0,
                Mode::Graph { least_branches, most_branches, .. } => rng.random_range(*least_branches..=*most_branches),
            };
            let room = match &options.mode {
                Mode::Walk { .. } => 1,
                Mode::Graph { nodes, .. } => nodes.saturating_sub(self.trail.nodes.len()),
            };
            let from = self.trail.nodes[place];
            let mut ways: Vec<EntityId> = explored.get(&from).into_iter().flatten().copied().collect();
            ways.retain(|id| !self.trail.nodes.contains(id));
            ways.shuffle(&mut rng);
            for id in ways.into_iter().take(branches.min(room)) {
                front.push(self.trail.nodes.len());
                self.trail.nodes.push(id);
                self.trail.parents.push(place);
            }
        }
        self.front = front;
        self.steps += 1;
    }
}

/// How many steps the path from an entity has, drawn by weights.
fn length(weights: &[u32], seed: u64, root: &str) -> usize {
    let all: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let mut drawn = rng(seed, root, "length").random_range(0..all.max(1));
    for (at, weight) in weights.iter().enumerate() {
        match drawn.checked_sub(u64::from(*weight)) {
            Some(rest) => drawn = rest,
            None => return at + 1,
        }
    }
    weights.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_likely_as_their_weights() {
        let mut counts = [0_u32; 4];
        for item in 0..10_000 {
            counts[length(&[10, 40, 40, 10], 7, &item.to_string()) - 1] += 1;
        }
        for (count, expected) in counts.into_iter().zip([1_000_u32, 4_000, 4_000, 1_000]) {
            assert!(count.abs_diff(expected) < 200, "{counts:?}");
        }
    }
}
