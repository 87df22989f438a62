//! What became of an attempt: which stage dropped it, or what it is learnt as.

use std::collections::HashMap;

use offseeker_curation::{Pairs, Selection};
use offseeker_trajectory::TrajectoryId;
use serde::{Deserialize, Serialize};

/// What became of an attempt. Nothing is said where nothing is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fate {
    /// Whether it passed every stage of the filter.
    pub kept: bool,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Drop>,
    /// The pairs that it is in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<Side>,
}

/// Why an attempt did not pass the filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drop {
    /// The stage that dropped it; empty where there is none to name.
    #[serde(default)]
    pub stage: String,
    /// The reason, as a code or in words.
    pub reason: String,
}

/// The side of a pair that an attempt is on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Whether it is the better one.
    pub chosen: bool,
    /// The attempt on the other side.
    pub other: TrajectoryId,
    /// How much better the better one is, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

impl Fate {
    /// It passed the filter.
    #[must_use]
    pub fn kept() -> Self {
        Self { kept: true, ..Self::default() }
    }

    /// A stage dropped it.
    pub fn dropped(stage: impl Into<String>, reason: impl Into<String>) -> Self {
        let drop = Drop { stage: stage.into(), reason: reason.into() };
        Self { dropped: Some(drop), ..Self::default() }
    }

    /// The words by which lists of attempts are filtered: `kept`, `dropped`, `chosen`, `rejected`.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        let words = [
            (self.kept, "kept"),
            (self.dropped.is_some(), "dropped"),
            (self.pairs.iter().any(|side| side.chosen), "chosen"),
            (self.pairs.iter().any(|side| !side.chosen), "rejected"),
        ];
        words.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect()
    }
}

/// The fates of many attempts, as a filter and a plan of pairs give them.
///
/// ```
/// use offseeker_curation::{Pairs, PlannedPair, Selection};
/// use offseeker_trajectory::{QuestionId, TrajectoryId};
/// use offseeker_viewer::Fates;
///
/// let (good, bad) = (TrajectoryId::new("good"), TrajectoryId::new("bad"));
/// let question = QuestionId::new("which river?");
/// let pair = PlannedPair { question, chosen: good.clone(), rejected: bad.clone(), margin: 0.4 };
/// let fates = Fates::of(
///     &Selection { kept: vec![good.clone()], dropped: vec![] },
///     &Pairs { questions: 1, planned: vec![pair], refused: vec![] },
/// );
/// assert_eq!(fates.get(&good).words(), ["kept", "chosen"]);
/// assert_eq!(fates.get(&bad).words(), ["rejected"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fates(HashMap<TrajectoryId, Fate>);

impl Fates {
    /// The fates that follow from a filter and a plan of pairs.
    #[must_use]
    pub fn of(selection: &Selection, pairs: &Pairs) -> Self {
        let mut fates: HashMap<TrajectoryId, Fate> = HashMap::new();
        for id in &selection.kept {
            fates.entry(id.clone()).or_default().kept = true;
        }
        for it in &selection.dropped {
            let fate = fates.entry(it.attempt.clone()).or_default();
            // An attempt that was there twice is dropped as the second, and keeps what became of the first.
            if it.stage.is_some() || !(fate.kept || fate.dropped.is_some()) {
                let stage = it.stage.map(|stage| stage.as_str().to_owned()).unwrap_or_default();
                fate.dropped = Some(Drop { stage, reason: it.reason.as_str().to_owned() });
            }
        }
        for pair in &pairs.planned {
            let mut side = |of: &TrajectoryId, other: &TrajectoryId, chosen| {
                let side = Side { chosen, other: other.clone(), margin: Some(pair.margin) };
                fates.entry(of.clone()).or_default().pairs.push(side);
            };
            side(&pair.chosen, &pair.rejected, true);
            side(&pair.rejected, &pair.chosen, false);
        }
        Self(fates)
    }

    /// What became of an attempt; nothing where nothing is known of it.
    #[must_use]
    pub fn get(&self, attempt: &TrajectoryId) -> Fate {
        self.0.get(attempt).cloned().unwrap_or_default()
    }
}
