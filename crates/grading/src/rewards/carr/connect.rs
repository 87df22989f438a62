//! Which of the statements that are borne out hang together with the answer.

use std::collections::{BTreeSet, VecDeque};

/// The thing that is the answer.
const ANSWER: &str = "E0";

/// Of statements that mention these things, which are both supported and tied to the answer.
///
/// Two statements hang together where they mention the same thing; only supported ones tie anything together. The search
/// is breadth first and starts at the answer.
///
/// ```
/// use offseeker_grading::rewards::carr::connected;
///
/// let mentions = [vec!["E0", "E1"], vec!["E1", "E2"], vec!["E3"]].map(|it| it.into_iter().map(String::from).collect());
/// assert_eq!(connected(&mentions, &[true, true, true]), [true, true, false]);
/// assert_eq!(connected(&mentions, &[false, true, true]), [false, false, false]);
/// ```
#[must_use]
pub fn connected(mentions: &[Vec<String>], supported: &[bool]) -> Vec<bool> {
    let mut reached = vec![false; mentions.len()];
    let mut known = BTreeSet::from([ANSWER]);
    let mut queue = VecDeque::from([ANSWER]);
    while let Some(entity) = queue.pop_front() {
        for (at, entities) in mentions.iter().enumerate() {
            let is_supported = supported.get(at).copied().unwrap_or(false);
            if reached[at] || !is_supported || !entities.iter().any(|mentioned| mentioned == entity) {
                continue;
            }
            reached[at] = true;
            queue.extend(entities.iter().map(String::as_str).filter(|mentioned| known.insert(mentioned)));
        }
    }
    reached
}

/// The share of all statements that count; nought where there are none.
#[must_use]
pub fn rubric_reward(counts: &[bool]) -> f64 {
    if counts.is_empty() {
        return 0.0;
    }
    counts.iter().filter(|counts| **counts).count() as f64 / counts.len() as f64
}
