//! How little known entities are, without asking a model.

use crate::PackedGraph;

/// The least score of what is little known.
pub const LONG_TAIL: f64 = 0.5;

/// The least share of little-known entities; with less the questions will be too easy.
pub const LEAST_SHARE: f64 = 0.6;

/// How little known something is, between 0 and 1: `1 - ln(1 + hits) / ln(1 + most)`, where `most` is the largest number
/// of hits of anything.
///
/// A hit is whatever shows that it is known: a link to it, a page that a search finds.
#[must_use]
pub fn long_tail_score(hits: u64, most: u64) -> f64 {
    if most == 0 {
        return 1.0;
    }
    1.0 - (hits.min(most) as f64).ln_1p() / (most as f64).ln_1p()
}

/// How many entities of a graph are little known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongTail {
    /// How many there are.
    pub entities: usize,
    /// How many of them have a score of [`LONG_TAIL`] or more.
    pub little_known: usize,
}

impl LongTail {
    /// Counts the entities that few relations lead to; warns where they are less than [`LEAST_SHARE`].
    #[must_use]
    pub fn of(graph: &PackedGraph) -> Self {
        let hits = || graph.nodes().map(|node| graph.incoming(node).len() as u64);
        let most = hits().max().unwrap_or_default();
        let little_known = hits().filter(|hits| long_tail_score(*hits, most) >= LONG_TAIL).count();
        let counted = Self { entities: graph.node_count(), little_known };
        if counted.is_short() {
            let share = counted.share();
            tracing::warn!(share, "few entities are little known; questions about them will be easy");
        }
        counted
    }

    /// The share of little-known entities; of nothing it is 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.entities == 0 { 1.0 } else { self.little_known as f64 / self.entities as f64 }
    }

    /// Whether the share is less than [`LEAST_SHARE`].
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.share() < LEAST_SHARE
    }
}
