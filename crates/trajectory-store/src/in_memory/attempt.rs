//! An attempt as its entries make it.

use std::collections::BTreeMap;

use offseeker_trajectory::{Grade, Node, NodeId, StopReason, Trajectory, TrajectoryId};

use crate::entry::check_bare;
use crate::{Entry, StoreError, Stored};

/// An attempt as its entries make it.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) beginning: Trajectory,
    pub(crate) nodes: BTreeMap<NodeId, Node>,
    pub(crate) end: Option<(StopReason, Option<String>)>,
    pub(crate) grades: Vec<Grade>,
}

impl Attempt {
    /// The attempt after one more entry.
    pub(crate) fn after(before: Option<Self>, entry: Entry, id: &TrajectoryId) -> Result<Self, StoreError> {
        if let Entry::Begin(beginning) = entry {
            return Self::begun(before, *beginning);
        }
        let mut attempt = before.ok_or_else(|| StoreError::NotFound { attempt: id.clone() })?;
        attempt.take(entry, id)?;
        Ok(attempt)
    }

    /// Takes in one more entry but the first; one that is refused changes nothing.
    pub(super) fn take(&mut self, entry: Entry, id: &TrajectoryId) -> Result<(), StoreError> {
        match entry {
            Entry::Node { place, node, .. } => self.put(id, place, *node),
            Entry::End { stop, answer, .. } => self.end(id, (stop, answer)),
            Entry::Reopen { .. } => self.reopen(),
            Entry::Grade { grade, .. } => {
                self.grade(*grade);
                Ok(())
            }
            Entry::Run(_) | Entry::Begin(_) => Ok(()),
        }
    }

    fn begun(before: Option<Self>, beginning: Trajectory) -> Result<Self, StoreError> {
        check_bare(&beginning)?;
        match before {
            None => Ok(Self { beginning, nodes: BTreeMap::new(), end: None, grades: Vec::new() }),
            Some(attempt) if attempt.beginning == beginning => Ok(attempt),
            Some(attempt) => Err(StoreError::conflict(&attempt.beginning.id, "beginning")),
        }
    }

    fn put(&mut self, id: &TrajectoryId, place: NodeId, node: Node) -> Result<(), StoreError> {
        match self.nodes.get(&place) {
            Some(known) if *known == node => return Ok(()),
            Some(_) => return Err(StoreError::conflict(id, format!("message {place}"))),
            None if self.end.is_some() => return Err(StoreError::conflict(id, "end")),
            None => {}
        }
        if let Err(source) = Trajectory::check_node(place, &node) {
            return Err(StoreError::Unfit { attempt: id.clone(), place, source });
        }
        self.nodes.insert(place, node);
        Ok(())
    }

    fn end(&mut self, id: &TrajectoryId, end: (StopReason, Option<String>)) -> Result<(), StoreError> {
        match &self.end {
            Some(known) if *known != end => Err(StoreError::conflict(id, "end")),
            _ => {
                self.end = Some(end);
                Ok(())
            }
        }
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        match &self.end {
            Some((stop, _)) if !stop.is_infrastructure() => {
                let reason = format!("an attempt that ended as {} is not made again", stop.kind());
                Err(StoreError::invalid(reason))
            }
            _ => {
                self.end = None;
                Ok(())
            }
        }
    }

    fn grade(&mut self, grade: Grade) {
        match self.grades.iter_mut().find(|known| known.grader == grade.grader) {
            Some(known) => *known = grade,
            None => self.grades.push(grade),
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    pub(crate) fn stored(&self) -> Result<Stored, StoreError> {
        Stored::of(self.beginning.clone(), self.nodes.clone(), self.end.clone(), self.grades.clone())
    }
}
