//! What nobody should learn from.

use offseeker_resemblance::{KnownTexts, WordHashes};
use offseeker_trajectory::{Answer, Origin, Trajectory};
use serde::{Deserialize, Serialize};

use super::Reading;
use super::grounds::holds;
use crate::Secrets;
use crate::turns::Turn;

/// What nobody should learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Safety {
    /// Whether the question, or a page that was shown, repeats a known text.
    pub repeats_known: bool,
    /// How near the question comes to a known text, from 0 to 1.
    pub nearest_known: f64,
    /// The names of the patterns of secrets that were found, never what was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Whether the first turn says the answer before any tool showed anything, and the question does not say it.
    pub closed_book: bool,
}

impl Safety {
    pub(super) fn of(
        trajectory: &Trajectory,
        turns: &[Turn<'_>],
        known: &KnownTexts,
        secrets: &Secrets,
        reading: &Reading,
    ) -> Self {
        let question = trajectory.question.text.as_str();
        let shown = || trajectory.nodes().iter().filter(|node| matches!(node.origin, Origin::Observed(_)));
        let is_shown = || shown().any(|node| known.repeated_in(&node.message.content).is_some());
        let repeats_known =
            known.repeated_in(question).is_some() || (reading.known_in_observations && !known.is_empty() && is_shown());
        Self {
            repeats_known,
            nearest_known: if known.is_empty() { 0.0 } else { known.nearest(question) },
            secrets: secrets.found_in(trajectory),
            closed_book: is_closed_book(trajectory, turns),
        }
    }
}

fn is_closed_book(trajectory: &Trajectory, turns: &[Turn<'_>]) -> bool {
    let Some(first) = turns.first() else { return false };
    let words = |text: &str| WordHashes::of(text).collect::<Vec<u64>>();
    let (said, asked) = (words(&first.node.message.content), words(&trajectory.question.text));
    let apart = words(first.node.message.reasoning.as_deref().unwrap_or_default());
    let golds = trajectory.question.answers.iter().flat_map(Answer::spellings);
    golds.chain(trajectory.answer.as_deref()).any(|answer| {
        let answer = words(answer);
        (holds(&said, &answer) || holds(&apart, &answer)) && !holds(&asked, &answer)
    })
}
