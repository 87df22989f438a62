//! What a write is to change, made ready before the server is asked.

use std::collections::{BTreeMap, BTreeSet};

use offseeker_trajectory::{NodeId, TrajectoryId};

use super::check_name;
use super::split::{Hash, Split};
use crate::{Claim, Entry, StoreError};

/// What a write is to change, made ready before the server is asked.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) entries: Vec<Entry>,
    pub(super) claim: Option<Claim>,
    /// The attempts that are written to, in the order in which every program locks them.
    pub(super) attempts: BTreeSet<TrajectoryId>,
    /// Those of them that begin.
    pub(super) begun: BTreeSet<TrajectoryId>,
    /// Those of them that are graded.
    pub(super) graded: BTreeSet<TrajectoryId>,
    /// The messages, as they are stored.
    pub(super) nodes: BTreeMap<(TrajectoryId, NodeId), Split>,
    /// The long texts of the messages.
    pub(super) blobs: BTreeMap<Hash, String>,
}

impl Change {
    /// Makes entries ready.
    pub(super) fn of(entries: Vec<Entry>, claim: Option<&Claim>) -> Result<Self, StoreError> {
        if let Some(claim) = claim {
            check_cover(claim, &entries)?;
        }
        let mut change = Self {
            entries: Vec::new(),
            claim: claim.cloned(),
            attempts: entries.iter().filter_map(Entry::attempt).cloned().collect(),
            begun: BTreeSet::new(),
            graded: BTreeSet::new(),
            nodes: BTreeMap::new(),
            blobs: BTreeMap::new(),
        };
        for entry in &entries {
            change.take_in(entry)?;
        }
        change.entries = entries;
        Ok(change)
    }

    fn take_in(&mut self, entry: &Entry) -> Result<(), StoreError> {
        match entry {
            Entry::Begin(beginning) => {
                check_name("an attempt's id", beginning.id.as_str())?;
                check_name("a question's id", beginning.question.id.as_str())?;
                check_name("a run's id", beginning.run.as_ref().map_or("", |run| run.as_str()))?;
                check_name("a model's name", beginning.model.as_deref().unwrap_or_default())?;
                self.begun.insert(beginning.id.clone());
            }
            Entry::Node { attempt, place, node } => {
                let key = (attempt.clone(), *place);
                if !self.nodes.contains_key(&key) {
                    self.nodes.insert(key, Split::of((**node).clone(), &mut self.blobs)?);
                }
            }
            Entry::Grade { attempt, grade } => {
                check_name("a grader's name", &grade.grader)?;
                self.graded.insert(attempt.clone());
            }
            Entry::Run(_) | Entry::End { .. } | Entry::Reopen { .. } => {}
        }
        Ok(())
    }
}

fn check_cover(claim: &Claim, entries: &[Entry]) -> Result<(), StoreError> {
    let id = claim.id();
    match entries.iter().filter_map(Entry::attempt).find(|other| **other != id) {
        Some(other) => Err(StoreError::invalid(format!("a claim on attempt {id} does not cover attempt {other}"))),
        None => Ok(()),
    }
}
