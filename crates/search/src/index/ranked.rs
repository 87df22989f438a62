//! Finds the documents that fit some terms best.
//!
//! BM25, with the same result as if every document were scored. Documents go by in windows. A term is *essential* while
//! a document that has none but the terms after it could not reach the best found so far; only essential terms are read
//! through, and the others are looked up for the documents that still may reach it (known as max-score). Terms go by their weight,
//! the heaviest first, in every sum, so that a score does not depend on what was left out.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, Term};

use super::snapshot::{Segment, Snapshot};
use crate::IndexError;

/// How many documents go by at once.
const WINDOW: u32 = 4096;

/// The most different terms of a query that count: those that say most.
pub(super) const MOST_TERMS: usize = 1024;

/// By how much a bound is raised, because sums are rounded.
const ROUNDING: f32 = 1.0 + 1e-4;

/// A document that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) score: f32,
    pub(super) address: DocAddress,
    sequence: u64,
}

impl Eq for Found {}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The better is the smaller; of two that fit equally well, the one that was put in first.
impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.sequence.cmp(&other.sequence))
    }
}

/// A term of a query, with what it weighs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weighed {
    pub(super) term: String,
    pub(super) weight: f32,
}

impl Snapshot {
    /// The terms that are in the index at all, the heaviest first.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn weigh(&self, terms: impl IntoIterator<Item = (String, u32)>) -> Result<Vec<Weighed>, IndexError> {
        let mut weighed = Vec::new();
        for (term, times) in terms {
            let with_it = self.documents_with(&term)?;
            if with_it > 0 {
                let (all, with_it) = (self.documents as f32, with_it as f32);
                let rarity = (1.0 + (all - with_it + 0.5) / (with_it + 0.5)).ln();
                weighed.push(Weighed { term, weight: rarity * times as f32 * (self.settings.k1 + 1.0) });
            }
        }
        weighed.sort_by(|left, right| right.weight.total_cmp(&left.weight).then_with(|| left.term.cmp(&right.term)));
        weighed.truncate(MOST_TERMS);
        Ok(weighed)
    }

    fn documents_with(&self, term: &str) -> Result<u64, IndexError> {
        let term = Term::from_field_text(self.fields.content, term);
        let mut documents = 0;
        for segment in &self.segments {
            let index = segment.reader.inverted_index(self.fields.content).map_err(|error| self.failed(&error))?;
            documents += u64::from(index.doc_freq(&term).map_err(|error| self.io(&error))?);
        }
        Ok(documents)
    }

    /// The documents that fit best, best first.
    pub(super) fn best(&self, terms: &[Weighed], limit: usize) -> Result<Vec<Found>, IndexError> {
        let mut best = Best { limit, heap: BinaryHeap::new() };
        if limit > 0 {
            for (place, segment) in self.segments.iter().enumerate() {
                let place = u32::try_from(place).expect("segments are few");
                let cursors = self.cursors(segment, terms)?;
                Pass::new(segment, place, cursors, &mut best).run();
            }
        }
        Ok(best.heap.into_sorted_vec())
    }

    fn cursors(&self, segment: &Segment, terms: &[Weighed]) -> Result<Vec<Cursor>, IndexError> {
        let open = |field, term: &str| {
            let index = segment.reader.inverted_index(field).map_err(|error| self.failed(&error))?;
            let term = Term::from_field_text(field, term);
            index.read_block_postings(&term, IndexRecordOption::WithFreqs).map_err(|error| self.io(&error))
        };
        let (title, text) = (self.settings.title, self.settings.text);
        let mut cursors = Vec::new();
        for Weighed { term, weight } in terms {
            let Some(postings) = open(self.fields.content, term)? else { continue };
            let heading = if title == text { None } else { open(self.fields.heading, term)? };
            cursors.push(Cursor { postings, next: 0, heading, weight: *weight, text, extra: title - text });
        }
        Ok(cursors)
    }
}

/// The best documents so far.
struct Best {
    limit: usize,
    heap: BinaryHeap<Found>,
}

impl Best {
    /// A document below this is not among the best.
    fn threshold(&self) -> f32 {
        match self.heap.peek() {
            Some(worst) if self.heap.len() == self.limit => worst.score,
            _ => 0.0,
        }
    }

    fn push(&mut self, found: Found) {
        if self.heap.len() < self.limit {
            self.heap.push(found);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && found < *worst
        {
            *worst = found;
        }
    }
}

/// A term on its way through the documents of a segment.
struct Cursor {
    postings: BlockSegmentPostings,
    /// The place in the block that comes next.
    next: usize,
    /// The documents that have the term in their title, where it counts otherwise there.
    heading: Option<BlockSegmentPostings>,
    /// No document scores as much by this term alone.
    weight: f32,
    text: f32,
    extra: f32,
}

impl Cursor {
    /// The document that comes next.
    fn doc(&self) -> Option<DocId> {
        self.postings.docs().get(self.next).copied()
    }

    /// Goes through all documents before `end`.
    fn add(&mut self, end: DocId, damping: &[f32], mut each: impl FnMut(DocId, f32)) {
        loop {
            let (docs, counts) = (self.postings.docs(), self.postings.freqs());
            while let Some(&doc) = docs.get(self.next).filter(|doc| **doc < end) {
                let times = times(self.text, self.extra, counts[self.next], &mut self.heading, doc);
                each(doc, score(self.weight, times, damping[doc as usize]));
                self.next += 1;
            }
            if docs.is_empty() || self.next < docs.len() {
                return;
            }
            self.postings.advance();
            self.next = 0;
        }
    }

    /// What the term adds to the score of a document; documents are asked for in order.
    fn of(&mut self, doc: DocId, damping: f32) -> f32 {
        self.next = self.postings.seek(doc);
        if self.postings.docs().get(self.next) != Some(&doc) {
            return 0.0;
        }
        let times = times(self.text, self.extra, self.postings.freq(self.next), &mut self.heading, doc);
        score(self.weight, times, damping)
    }
}

/// How often a document has a term, as title and text count.
#[allow(clippy::cast_precision_loss)]
fn times(text: f32, extra: f32, count: u32, heading: &mut Option<BlockSegmentPostings>, doc: DocId) -> f32 {
    let times = text * count as f32;
    let Some(heading) = heading else { return times };
    let place = heading.seek(doc);
    if heading.docs().get(place) == Some(&doc) { times + extra * heading.freq(place) as f32 } else { times }
}

fn score(weight: f32, times: f32, damping: f32) -> f32 {
    if times > 0.0 { weight * times / (times + damping) } else { 0.0 }
}

/// One way through the documents of a segment.
struct Pass<'a> {
    segment: &'a Segment,
    place: u32,
    cursors: Vec<Cursor>,
    /// What the terms from each on can add at most.
    rest: Vec<f32>,
    scores: Vec<f32>,
    touched: Vec<u64>,
    best: &'a mut Best,
}

impl<'a> Pass<'a> {
    fn new(segment: &'a Segment, place: u32, cursors: Vec<Cursor>, best: &'a mut Best) -> Self {
        let mut rest = vec![0.0; cursors.len() + 1];
        for (place, cursor) in cursors.iter().enumerate().rev() {
            rest[place] = rest[place + 1] + cursor.weight * ROUNDING;
        }
        let (scores, touched) = (vec![0.0; WINDOW as usize], vec![0; WINDOW as usize / 64]);
        Self { segment, place, cursors, rest, scores, touched, best }
    }

    fn run(mut self) {
        let mut essential = self.cursors.len();
        loop {
            while essential > 0 && self.rest[essential - 1] < self.best.threshold() {
                essential -= 1;
            }
            let Some(start) = self.cursors[..essential].iter().filter_map(Cursor::doc).min() else { return };
            let start = start - start % WINDOW;
            self.gather(start, essential);
            self.judge(start, essential);
        }
    }

    /// Sums up what the essential terms add to the documents of a window.
    fn gather(&mut self, start: DocId, essential: usize) {
        let (scores, touched) = (&mut self.scores, &mut self.touched);
        for cursor in &mut self.cursors[..essential] {
            cursor.add(start + WINDOW, &self.segment.damping, |doc, score| {
                let place = (doc - start) as usize;
                scores[place] += score;
                touched[place / 64] |= 1 << (place % 64);
            });
        }
    }

    /// Adds the other terms where that may matter, and keeps the best.
    fn judge(&mut self, start: DocId, essential: usize) {
        for word in 0..self.touched.len() {
            let mut bits = std::mem::take(&mut self.touched[word]);
            while bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let score = std::mem::take(&mut self.scores[place]);
                let doc = start + u32::try_from(place).expect("a window is small");
                self.judge_one(doc, score, essential);
            }
        }
    }

    fn judge_one(&mut self, doc: DocId, mut score: f32, essential: usize) {
        let threshold = self.best.threshold();
        if score * ROUNDING + self.rest[essential] < threshold || self.segment.reader.is_deleted(doc) {
            return;
        }
        for place in essential..self.cursors.len() {
            if score * ROUNDING + self.rest[place] < threshold {
                return;
            }
            score += self.cursors[place].of(doc, self.segment.damping[doc as usize]);
        }
        if score > 0.0 && score >= threshold {
            let sequence = self.segment.sequence(doc);
            self.best.push(Found { score, address: DocAddress::new(self.place, doc), sequence });
        }
    }
}
