//! Which entities are found to be the same so far.

use std::collections::HashMap;

use super::keys::Keys;
use crate::{Entity, EntityId};

/// The kind of entities whose kind is not known.
const UNKNOWN: u32 = 0;

/// Which entities are found to be the same so far.
///
/// Entities of one kind are joined at once. Whom one of unknown kind could be is only noted, and decided in the end, when
/// it is clear whether it could be of one kind only.
pub(super) struct Components {
    parents: Vec<u32>,
    kinds: Vec<u32>,
    /// For each key one entity of each kind that has it.
    delegates: Vec<u32>,
    delegate_ends: Vec<u32>,
    could_be: Vec<(u32, u32)>,
}

impl Components {
    pub(super) fn new(entities: &[Entity], keys: &Keys) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::from([("", UNKNOWN)]);
        let mut number = |kind| {
            let next = numbers.len() as u32;
            *numbers.entry(kind).or_insert(next)
        };
        let mut components = Self {
            parents: (0..entities.len() as u32).collect(),
            kinds: entities.iter().map(|entity| number(&entity.kind)).collect(),
            delegates: Vec::new(),
            delegate_ends: Vec::new(),
            could_be: Vec::new(),
        };
        for at in 0..keys.len() {
            components.same_key(keys.owners(at));
        }
        components
    }

    /// Joins those that share a key.
    fn same_key(&mut self, owners: &[u32]) {
        let first = self.delegates.len();
        let mut sorted = owners.to_vec();
        sorted.sort_unstable_by_key(|owner| self.kinds[*owner as usize]);
        for owner in sorted {
            match self.delegates[first..].last().copied() {
                Some(last) if self.kinds[last as usize] == self.kinds[owner as usize] => self.join(last, owner),
                _ => self.delegates.push(owner),
            }
        }
        self.delegate_ends.push(self.delegates.len() as u32);
        for left in first..self.delegates.len() {
            for right in left + 1..self.delegates.len() {
                self.meet(self.delegates[left], self.delegates[right]);
            }
        }
    }

    /// Joins those that have one of two keys that are nearly the same.
    pub(super) fn near(&mut self, left: usize, right: usize) {
        for left in self.range(left) {
            for right in self.range(right) {
                self.meet(self.delegates[left], self.delegates[right]);
            }
        }
    }

    /// Whether nothing is found by comparing two keys.
    pub(super) fn is_settled(&mut self, left: usize, right: usize) -> bool {
        let (left, right) = (self.range(left), self.range(right));
        left.len() == 1
            && right.len() == 1
            && self.root(self.delegates[left.start]) == self.root(self.delegates[right.start])
    }

    fn range(&self, key: usize) -> std::ops::Range<usize> {
        let start = key.checked_sub(1).map_or(0, |before| self.delegate_ends[before]);
        start as usize..self.delegate_ends[key] as usize
    }

    fn meet(&mut self, left: u32, right: u32) {
        match (self.kinds[left as usize], self.kinds[right as usize]) {
            (one, other) if one == other => self.join(left, right),
            (UNKNOWN, _) => self.could_be.push((left, right)),
            (_, UNKNOWN) => self.could_be.push((right, left)),
            _ => {}
        }
    }

    fn join(&mut self, left: u32, right: u32) {
        let (left, right) = (self.root(left), self.root(right));
        self.parents[left.max(right) as usize] = left.min(right);
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while self.parents[at as usize] != at {
            let above = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = above;
            at = above;
        }
        at
    }

    /// For each entity that is the same as another: the one of these that has the smallest id.
    pub(super) fn leaders(mut self, entities: &[Entity]) -> HashMap<EntityId, EntityId> {
        self.settle_unknown();
        let mut leaders: HashMap<u32, EntityId> = HashMap::new();
        let mut sizes: HashMap<u32, u32> = HashMap::new();
        for (at, entity) in entities.iter().enumerate() {
            let root = self.root(at as u32);
            let leader = leaders.entry(root).or_insert(entity.id);
            *leader = entity.id.min(*leader);
            *sizes.entry(root).or_insert(0) += 1;
        }
        let mut into = HashMap::new();
        for (at, entity) in entities.iter().enumerate() {
            let root = self.root(at as u32);
            if sizes[&root] > 1 && leaders[&root] != entity.id {
                into.insert(entity.id, leaders[&root]);
            }
        }
        into
    }

    /// Joins each group of unknown kind with what it could be, if that is of one kind.
    fn settle_unknown(&mut self) {
        let mut could_be = std::mem::take(&mut self.could_be);
        for pair in &mut could_be {
            pair.0 = self.root(pair.0);
        }
        could_be.sort_unstable();
        let groups: Vec<&[(u32, u32)]> = could_be.chunk_by(|left, right| left.0 == right.0).collect();
        for group in groups {
            let kind = self.kinds[group[0].1 as usize];
            if group.iter().all(|pair| self.kinds[pair.1 as usize] == kind) {
                group.iter().for_each(|pair| self.join(pair.0, pair.1));
            }
        }
    }
}
