//! What an attempt called.

use std::collections::HashSet;

use offseeker_resemblance::Set;
use offseeker_trajectory::{CallStatus, View};
use serde::{Deserialize, Serialize};

use super::Reading;
use crate::calls::number_of;
use crate::turns::Turn;

/// What an attempt called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFacts {
    /// Calls that were answered.
    pub made: u32,
    /// Those of them that failed.
    pub failed: u32,
    /// Those that had been made before with the same arguments.
    pub repeated: u32,
    /// Those that showed a page and not only hits.
    pub visits: u32,
    /// The calls in a row that there are, as numbers: what attempts are compared by.
    pub sequence: Set,
}

impl CallFacts {
    pub(super) fn of(turns: &[Turn<'_>], reading: &Reading) -> Self {
        let numbers: Vec<u64> = turns.iter().flat_map(|turn| turn.calls.iter()).map(number_of).collect();
        let mut seen = HashSet::new();
        let repeated = numbers.iter().filter(|number| !seen.insert(**number)).count() as u32;
        let mut facts = Self { made: 0, failed: 0, repeated, visits: 0, sequence: Set::default() };
        for turn in turns {
            for (place, (_, node, observed)) in turn.results.iter().enumerate() {
                let name = turn.calls.get(place).map(|call| call.name.as_str()).or(node.message.name.as_deref());
                let is_visit_tool = name.is_some_and(|name| reading.visit_tools.iter().any(|tool| tool == name));
                let shows_page = observed.sources.iter().any(|it| matches!(it.view, View::Page | View::Find));
                let is_visit = shows_page || (observed.sources.is_empty() && is_visit_tool);
                facts.made += 1;
                facts.failed += u32::from(observed.status != CallStatus::Ok);
                facts.visits += u32::from(is_visit && observed.status == CallStatus::Ok);
            }
        }
        facts.sequence = in_a_row(&numbers, reading.calls_in_a_row);
        facts
    }
}

/// So many calls in a row, and those that the sequence begins with.
fn in_a_row(numbers: &[u64], length: usize) -> Set {
    let length = length.max(1);
    let mixed =
        |row: &[u64]| row.iter().fold(1_u64, |hash, call| hash.rotate_left(23).wrapping_mul(0x9e37_79b9) ^ call);
    let begin = (1..length.min(numbers.len() + 1)).map(|few| mixed(&numbers[..few]));
    begin.chain(numbers.windows(length).map(mixed)).collect()
}
