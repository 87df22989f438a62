//! The stages of a run, in their order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The stages of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Pages become a graph.
    Graph,
    /// Parts of the graph become questions.
    Questions,
    /// The teacher attempts them.
    Attempts,
    /// Its attempts are graded.
    Grades,
    /// What passes five stages becomes samples.
    Samples,
    /// A student is made, or taken from a folder.
    Student,
    /// It learns from samples.
    Sft,
    /// It attempts questions.
    Rollouts,
    /// Its attempts are graded.
    RolloutGrades,
    /// The best are paired with the worst.
    Pairs,
    /// It learns from pairs.
    Dpo,
    /// Everybody is measured.
    Evaluation,
    /// What came of it is written down.
    Report,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 13] = [
        Self::Graph,
        Self::Questions,
        Self::Attempts,
        Self::Grades,
        Self::Samples,
        Self::Student,
        Self::Sft,
        Self::Rollouts,
        Self::RolloutGrades,
        Self::Pairs,
        Self::Dpo,
        Self::Evaluation,
        Self::Report,
    ];

    /// The stage in a word: `rollout_grades`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Questions => "questions",
            Self::Attempts => "attempts",
            Self::Grades => "grades",
            Self::Samples => "samples",
            Self::Student => "student",
            Self::Sft => "sft",
            Self::Rollouts => "rollouts",
            Self::RolloutGrades => "rollout_grades",
            Self::Pairs => "pairs",
            Self::Dpo => "dpo",
            Self::Evaluation => "evaluation",
            Self::Report => "report",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
