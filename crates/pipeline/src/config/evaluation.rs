//! Who is measured, and how.

use serde::{Deserialize, Serialize};

use super::section::section;

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contestant {
    /// The student before it learnt anything.
    Untrained,
    /// The fine-tuned student without tools, asked for its answer at once.
    ClosedBook,
    /// A teacher who takes the first hit for what is described. There is none beside other teachers than the scripted one.
    FirstHit,
    /// The fine-tuned student.
    Sft,
    /// The student after preference.
    Dpo,
    /// The teacher.
    Teacher,
}

impl Contestant {
    /// The contestant in a word: `closed_book`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untrained => "untrained",
            Self::ClosedBook => "closed_book",
            Self::FirstHit => "first_hit",
            Self::Sft => "sft",
            Self::Dpo => "dpo",
            Self::Teacher => "teacher",
        }
    }

    /// Whether it is asked at several temperatures.
    #[must_use]
    pub fn samples(self) -> bool {
        matches!(self, Self::Sft | Self::Dpo)
    }
}

section! {
    /// Who is measured, and how.
    EvaluationConfig {
        /// Who is measured.
        contestants: Vec<Contestant> = vec![
            Contestant::Untrained,
            Contestant::ClosedBook,
            Contestant::FirstHit,
            Contestant::Sft,
            Contestant::Dpo,
            Contestant::Teacher,
        ],
        /// The temperature of sampled attempts, beside greedy ones.
        sampled: f64 = 0.7,
        /// The temperatures of which the best for the fine-tuned student is found on questions of development.
        temperatures: Vec<f64> = vec![0.0, 0.3, 0.7],
        /// How many times each question is attempted where attempts are sampled. A greedy one is made once.
        times: u32 = 1,
        /// How many attempts are made at once.
        at_once: usize = 64,
    }
}
