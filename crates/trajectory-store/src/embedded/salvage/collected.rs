//! The rows that were found on the pages: small ones in memory, large ones by their places.

use std::collections::BTreeMap;
use std::io;

use offseeker_trajectory::{Node, NodeId, RunId};

use super::pages::Pages;
use super::record::{Found, cells, found, values};
use crate::embedded::attempt::AttemptRow;
use crate::embedded::fault::{Fault, Maybe};
use crate::embedded::node::{self, key_of, parts_of};
use crate::embedded::piece::Column;
use crate::embedded::table::{ATTEMPTS, GRADES, NODES, QUESTIONS, RUNS, TEXTS, WORK};
use crate::embedded::text::{self, Texts};
use crate::embedded::work::WorkRow;

/// Where a row stands: its page, and its cell there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    page: u32,
    cell: u16,
}

/// The rows that were found.
pub(super) struct Collected {
    pages: Pages,
    pub(super) runs: BTreeMap<i64, (RunId, Option<Column>)>,
    pub(super) questions: BTreeMap<i64, Column>,
    pub(super) attempts: BTreeMap<i64, AttemptRow>,
    pub(super) work: BTreeMap<i64, WorkRow>,
    /// The grades by attempt and key, with their revisions.
    grades: BTreeMap<(i64, i64), (i64, Column)>,
    /// The keys of messages and where they stand, in the order of the keys.
    nodes: Vec<(i64, Place)>,
    texts: Vec<(i64, Place)>,
}

impl Collected {
    /// Looks at every page.
    pub(super) fn from(pages: Pages) -> io::Result<Self> {
        let mut collected = Self {
            pages,
            runs: BTreeMap::new(),
            questions: BTreeMap::new(),
            attempts: BTreeMap::new(),
            work: BTreeMap::new(),
            grades: BTreeMap::new(),
            nodes: Vec::new(),
            texts: Vec::new(),
        };
        for number in collected.pages.numbers() {
            let Some(page) = collected.pages.page(number) else { continue };
            for cell in 0..cells(&page) {
                let Some(found) = found(&collected.pages, &page, cell) else { continue };
                let cell = u16::try_from(cell).map_err(io::Error::other)?;
                // What is sealed and cannot be read was not written by this version.
                let _ = collected.take(&found, Place { page: number, cell });
            }
        }
        collected.nodes.sort_unstable();
        collected.texts.sort_unstable();
        Ok(collected)
    }

    /// Takes a row in, if it is one of a table and whole.
    fn take(&mut self, Found { key, record }: &Found, place: Place) -> Maybe<()> {
        let key = *key;
        let Some(row) = values(record) else { return Ok(()) };
        if NODES.recognise(key, &row).is_some() {
            self.nodes.push((key, place));
        } else if TEXTS.recognise(key, &row).is_some() {
            self.texts.push((key, place));
        } else if let Some(row) = ATTEMPTS.recognise(key, &row) {
            let row = AttemptRow::of(key, row)?;
            let known = self.attempts.get(&key).is_some_and(|known| known.revision >= row.revision);
            if !known {
                self.attempts.insert(key, row);
            }
        } else if let Some([attempt, _, _, _, body, revision]) = GRADES.recognise(key, &row) {
            let (at, revision) = ((attempt.as_i64()?, key), revision.as_i64()?);
            if self.grades.get(&at).is_none_or(|(known, _)| *known < revision) {
                self.grades.insert(at, (revision, Column::of(body)?));
            }
        } else if let Some(row) = WORK.recognise(key, &row) {
            let row = WorkRow::of(key, row)?;
            if self.work.get(&key).is_none_or(|known| known.fence <= row.fence) {
                self.work.insert(key, row);
            }
        } else if let Some([id, manifest]) = RUNS.recognise(key, &row) {
            self.runs.insert(key, (RunId::new(id.as_str()?), Column::of_option(manifest)?));
        } else if let Some([_, _, _, body]) = QUESTIONS.recognise(key, &row) {
            self.questions.insert(key, Column::of(body)?);
        }
        Ok(())
    }

    /// The messages of an attempt that were found, each once.
    pub(super) fn nodes_of(&self, attempt: i64) -> impl Iterator<Item = (NodeId, Maybe<Node>)> {
        let from = self.nodes.partition_point(|(key, _)| *key < key_of(attempt, NodeId::new(0)));
        let until = self.nodes.partition_point(|(key, _)| *key <= key_of(attempt, NodeId::new(u32::MAX)));
        self.nodes[from..until].chunk_by(|one, other| one.0 == other.0).map(|same| {
            let (key, place) = same[0];
            (parts_of(key).1, self.node(key, place))
        })
    }

    fn node(&self, key: i64, place: Place) -> Maybe<Node> {
        let record = self.record(place)?;
        let row = values(&record).and_then(|row| NODES.recognise(key, &row));
        node::opened(row.ok_or_else(|| Fault::damage("its row cannot be read again"))?, self)
    }

    fn record(&self, place: Place) -> Maybe<Vec<u8>> {
        let page = self.pages.page(place.page);
        let record = page.and_then(|page| found(&self.pages, &page, usize::from(place.cell)));
        record.map(|found| found.record).ok_or_else(|| Fault::damage(format!("page {} cannot be read", place.page)))
    }

    /// The grades of an attempt, in the order in which their graders came.
    pub(super) fn grades_of(&self, attempt: i64) -> impl Iterator<Item = &Column> {
        self.grades.range((attempt, i64::MIN)..=(attempt, i64::MAX)).map(|(_, (_, body))| body)
    }

    /// The last attempt of which there are messages.
    pub(super) fn last_with_messages(&self) -> i64 {
        self.nodes.last().map_or(0, |(key, _)| parts_of(*key).0)
    }
}

impl Texts for Collected {
    fn text(&self, key: i64) -> Maybe<Vec<u8>> {
        let lost = || Fault::damage(format!("text {key} is lost"));
        let at = self.texts.partition_point(|(known, _)| *known < key);
        let (_, place) = self.texts.get(at).filter(|(known, _)| *known == key).ok_or_else(lost)?;
        let record = self.record(*place)?;
        let row = values(&record).and_then(|row| TEXTS.recognise(key, &row));
        text::opened(key, row.ok_or_else(lost)?)
    }
}
