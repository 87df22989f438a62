//! What is told while an expansion is under way.

use super::{Stage, Tally};

/// What is told while an expansion is under way.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Items are taken up. Stages that depend on what they find do that several times.
    Begun {
        /// The stage.
        stage: Stage,
        /// How many of the items have no result yet.
        pending: usize,
    },
    /// An item has its result, and it is written down.
    Settled {
        /// The stage.
        stage: Stage,
        /// The item.
        item: &'a str,
        /// Why it failed or was passed over, in a word; none where all is well.
        without: Option<&'a str>,
    },
    /// An item has no result yet and is tried again.
    Again {
        /// The stage.
        stage: Stage,
        /// The item.
        item: &'a str,
        /// What happened.
        reason: &'a str,
        /// Whether something could not be asked, which does not count as an attempt.
        outage: bool,
    },
    /// All items of a stage have their results.
    Done {
        /// How they ended.
        tally: &'a Tally,
    },
}
