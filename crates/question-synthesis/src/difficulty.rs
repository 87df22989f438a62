//! How hard a question is.

use serde::{Deserialize, Serialize};

/// How hard a question is, by what it is made of and by what came of attempts at it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Difficulty {
    /// How many relations lie between the answer and the clue that is farthest from it.
    pub hops: u32,
    /// How many clues there are.
    pub clues: u32,
    /// How many things have to be found out.
    pub unknowns: u32,
    /// How many names the question names.
    pub names: u32,
    /// How many wrong answers there are where one clue is overlooked.
    pub distractors: u32,
    /// What came of attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pilots: Option<Pilots>,
}

/// What came of several attempts at a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pilots {
    /// How many attempts were right.
    pub right: u32,
    /// How many attempts there were.
    pub of: u32,
    /// The median of the calls of tools.
    pub median_calls: f64,
}

/// How useful a question is to learn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Every attempt was right.
    Easy,
    /// Some attempts were right.
    Learnable,
    /// No attempt was right.
    Hard,
}

impl Pilots {
    /// So few calls that a question is likely too easy.
    pub const FEW_CALLS: f64 = 8.0;

    /// What came of attempts, each told by whether it was right and how many calls it took. An attempt of which that
    /// is not known is left out: what did not run through is not hard. None, where nothing is left.
    ///
    /// ```
    /// use offseeker_question_synthesis::{Band, Pilots};
    ///
    /// let pilots = Pilots::of([(Some(true), 12), (None, 0), (Some(false), 31), (Some(true), 9)]).unwrap();
    /// assert_eq!((pilots.right, pilots.of, pilots.median_calls), (2, 3, 12.0));
    /// assert_eq!(pilots.band(), Band::Learnable);
    /// assert_eq!(Pilots::of([(None, 0)]), None);
    /// ```
    #[must_use]
    pub fn of(attempts: impl IntoIterator<Item = (Option<bool>, u32)>) -> Option<Self> {
        let known: Vec<(bool, u32)> =
            attempts.into_iter().filter_map(|(right, calls)| right.map(|right| (right, calls))).collect();
        let mut calls: Vec<u32> = known.iter().map(|(_, calls)| *calls).collect();
        calls.sort_unstable();
        let upper = f64::from(*calls.get(calls.len() / 2)?);
        let lower = f64::from(calls[(calls.len() - 1) / 2]);
        let right = known.iter().filter(|(right, _)| *right).count() as u32;
        Some(Self { right, of: known.len() as u32, median_calls: f64::midpoint(lower, upper) })
    }

    /// How useful the question is to learn from.
    #[must_use]
    pub fn band(&self) -> Band {
        match self.right {
            0 => Band::Hard,
            right if right >= self.of => Band::Easy,
            _ => Band::Learnable,
        }
    }

    /// Whether attempts took so few calls that the question is likely too easy.
    #[must_use]
    pub fn takes_few_calls(&self) -> bool {
        self.median_calls < Self::FEW_CALLS
    }
}
