//! The keys of all names, each once, and whose they are.

use rayon::prelude::*;

use super::key::key;
use crate::Entity;

/// The keys of all names, each once, in their order, and whose they are.
pub(super) struct Keys {
    text: String,
    ends: Vec<usize>,
    /// The entities that have each key, one after the other, as places in the list of entities.
    owners: Vec<u32>,
    owner_ends: Vec<u32>,
}

impl Keys {
    pub(super) fn of(entities: &[Entity]) -> Self {
        let mut named: Vec<(Box<str>, u32)> = entities
            .par_iter()
            .enumerate()
            .flat_map_iter(|(at, entity)| {
                let at = u32::try_from(at).expect("a slice of entities is shorter than that in any memory");
                entity.names().map(move |name| (key(name).into_boxed_str(), at))
            })
            .filter(|(key, _)| !key.is_empty())
            .collect();
        named.par_sort_unstable();
        named.dedup();
        let mut keys = Self { text: String::new(), ends: Vec::new(), owners: Vec::new(), owner_ends: Vec::new() };
        for (key, owner) in named {
            if keys.ends.is_empty() || keys.get(keys.len() - 1) != &*key {
                keys.text.push_str(&key);
                keys.ends.push(keys.text.len());
                keys.owner_ends.push(0);
            }
            keys.owners.push(owner);
            if let Some(end) = keys.owner_ends.last_mut() {
                *end = keys.owners.len() as u32;
            }
        }
        keys
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }

    /// The entities that have a key.
    pub(super) fn owners(&self, at: usize) -> &[u32] {
        let start = at.checked_sub(1).map_or(0, |before| self.owner_ends[before]);
        &self.owners[start as usize..self.owner_ends[at] as usize]
    }
}
