//! Whether an attempt is right, by what graders wrote down.

use serde::{Deserialize, Serialize};

use super::Reason;
use super::reason::ask;
use crate::Digest;
use crate::digest::ShortGrade;

/// Whether an attempt is right, by what graders wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Correctness {
    /// The graders that count, by their names; empty is all of them. A name without a version stands for every version.
    pub graders: Vec<String>,
    /// How many of them have to say that an attempt is right: 2. Where fewer could tell, all who could.
    pub votes: u32,
    /// Whether wrong attempts pass too, as OpenSeeker and OpenResearcher let them: no. Unscored ones never do.
    pub keep_wrong: bool,
}

impl Default for Correctness {
    fn default() -> Self {
        Self { graders: Vec::new(), votes: 2, keep_wrong: false }
    }
}

/// What the graders that count say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// None of them could tell; that is neither.
    Unscored,
}

impl Correctness {
    /// Goes by one grader.
    #[must_use]
    pub fn by(grader: impl Into<String>) -> Self {
        Self { graders: vec![grader.into()], ..Self::default() }
    }

    fn counting<'a>(&'a self, digest: &'a Digest) -> impl Iterator<Item = &'a ShortGrade> {
        let named = |grade: &&ShortGrade| {
            let without_version = grade.grader.split('@').next().unwrap_or_default();
            self.graders.is_empty() || self.graders.iter().any(|it| *it == grade.grader || it == without_version)
        };
        digest.grades.iter().filter(named)
    }

    /// What the graders that count say together. An attempt that ended through no fault of its own is unscored,
    /// whatever they say.
    #[must_use]
    pub fn verdict(&self, digest: &Digest) -> Verdict {
        if digest.end.infrastructure {
            return Verdict::Unscored;
        }
        let votes: Vec<bool> = self.counting(digest).filter_map(|grade| grade.right).collect();
        let right = votes.iter().filter(|right| **right).count();
        match votes.len() {
            0 => Verdict::Unscored,
            all if right >= all.min(self.votes.max(1) as usize) => Verdict::Right,
            _ => Verdict::Wrong,
        }
    }

    /// How good it is: the mean of the values of the graders that count; where none gave a value, one for what is right
    /// and nought for what is wrong. None where it is unscored.
    #[must_use]
    pub fn score(&self, digest: &Digest) -> Option<f64> {
        let verdict = self.verdict(digest);
        let values: Vec<f64> =
            self.counting(digest).filter(|grade| grade.right.is_some()).filter_map(|grade| grade.value).collect();
        match verdict {
            Verdict::Unscored => None,
            _ if !values.is_empty() => Some(values.iter().sum::<f64>() / values.len() as f64),
            Verdict::Right => Some(1.0),
            Verdict::Wrong => Some(0.0),
        }
    }

    /// Why an attempt does not pass.
    ///
    /// # Errors
    ///
    /// The first reason.
    pub fn check(&self, digest: &Digest) -> Result<(), Reason> {
        let verdict = self.verdict(digest);
        ask(verdict != Verdict::Unscored, Reason::Unscored)?;
        ask(self.keep_wrong || verdict == Verdict::Right, Reason::Wrong)
    }
}
