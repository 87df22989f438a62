//! What the answer of an attempt rests on.

use std::collections::HashSet;

use offseeker_resemblance::WordHashes;
use offseeker_trajectory::{Answer, Branch, Origin, Trajectory};
use serde::{Deserialize, Serialize};

use crate::addresses::{addresses, plain};
use crate::turns::Turn;

/// What the answer of an attempt rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// Whether a tool showed the answer that was given, before it was given.
    pub answer_seen: bool,
    /// Whether a tool showed a right answer, by any of its spellings, before an answer was given.
    pub gold_seen: bool,
    /// Different addresses that the model asked for or named in its answer.
    pub addresses: u32,
    /// Those of them that nobody had shown it.
    pub invented: u32,
}

impl Grounds {
    pub(super) fn of(trajectory: &Trajectory, main: Option<&Branch>, turns: &[Turn<'_>]) -> Self {
        let last = main.map(Branch::tip);
        let spelled = |text: &str| WordHashes::of(text).collect::<Vec<u64>>();
        let given = spelled(trajectory.answer.as_deref().unwrap_or_default());
        let golds: Vec<Vec<u64>> =
            trajectory.question.answers.iter().flat_map(Answer::spellings).map(spelled).collect();
        let (mut answer_seen, mut gold_seen) = (false, false);
        let mut words = Vec::new();
        let shown = trajectory.ids().zip(trajectory.nodes()).filter(|(id, _)| last.is_none_or(|last| *id < last));
        for (_, node) in shown.filter(|(_, node)| matches!(node.origin, Origin::Observed(_))) {
            if answer_seen && gold_seen {
                break;
            }
            words.clear();
            words.extend(WordHashes::of(&node.message.content));
            answer_seen = answer_seen || holds(&words, &given);
            gold_seen = gold_seen || golds.iter().any(|gold| holds(&words, gold));
        }
        let (addresses, invented) = named(trajectory, turns);
        Self { answer_seen, gold_seen, addresses, invented }
    }
}

/// Whether words stand in a row among others.
pub(super) fn holds(words: &[u64], wanted: &[u64]) -> bool {
    let Some(first) = wanted.first() else { return false };
    let mut begin = 0;
    while let Some(at) = words[begin..].iter().position(|word| word == first) {
        begin += at;
        if words[begin..].starts_with(wanted) {
            return true;
        }
        begin += 1;
    }
    false
}

/// How many different addresses the model named in calls and in its answer, and how many of them nobody had shown it.
fn named(trajectory: &Trajectory, turns: &[Turn<'_>]) -> (u32, u32) {
    let opening = trajectory.nodes().iter().filter(|node| matches!(node.origin, Origin::Given));
    let mut shown: HashSet<String> = opening.flat_map(|node| addresses(&node.message.content)).collect();
    let (mut named, mut invented) = (HashSet::new(), 0);
    for turn in turns {
        let is_last = turn.calls.is_empty();
        let said = turn.calls.iter().flat_map(|call| addresses(&call.arguments));
        let cited = is_last.then(|| answered(&turn.node.message.content)).into_iter().flat_map(addresses);
        for address in said.chain(cited) {
            invented += u32::from(!shown.contains(&address) && !named.contains(&address));
            named.insert(address);
        }
        for (_, node, observed) in &turn.results {
            shown.extend(observed.sources.iter().map(|source| plain(&source.url)));
            shown.extend(addresses(&node.message.content));
        }
    }
    (named.len() as u32, invented)
}

/// What is said after the reasoning.
fn answered(text: &str) -> &str {
    text.rsplit_once("</think>").map_or(text, |(_, rest)| rest)
}
