//! How far the confidence that attempts state can be trusted.

use offseeker_trajectory::Outcome;
use serde::{Deserialize, Serialize};

use crate::Attempted;
use crate::statistics::{Stated, brier, expected_calibration_error, rms_calibration_error};

/// Bins of equal width for the expected error, as most publish it.
const BINS: usize = 10;

/// Answers to a bin for the RMS error, as Humanity's Last Exam has it.
const ANSWERS_A_BIN: usize = 100;

/// How far the confidence that attempts state can be trusted: over answers that were scored.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Answers that are right or wrong.
    pub answers: usize,
    /// How many of them state a confidence.
    pub stated: usize,
    /// What those that state none are taken to be sure of, from 0 to 1.
    pub assumed: f64,
    /// The mean squared difference between confidence and truth.
    pub brier: f64,
    /// The expected calibration error over ten bins of equal width.
    pub expected_error: f64,
    /// The RMS calibration error over bins of a hundred answers.
    pub rms_error: f64,
}

impl Calibration {
    /// The figures of attempts; none where no answer that was scored states a confidence.
    ///
    /// Those that state none count too, with the confidence that is `assumed`: an answer that is given without a word is
    /// given as if it were certain, so 1 is what others take. The order of attempts makes no difference.
    #[must_use]
    pub fn of(attempts: &[Attempted], assumed: f64) -> Option<Self> {
        let mut scored: Vec<(&Attempted, bool)> = attempts.iter().filter_map(|it| Some((it, is_right(it)?))).collect();
        scored.sort_by(|(one, _), (other, _)| (&one.question, one.attempt).cmp(&(&other.question, other.attempt)));
        let stated = scored.iter().filter(|(attempt, _)| attempt.confidence.is_some()).count();
        let answer = |(attempt, right): &(&Attempted, bool)| Stated::new(attempt.confidence.unwrap_or(assumed), *right);
        let answers: Vec<Stated> = scored.iter().map(answer).collect::<Option<_>>()?;
        (stated > 0).then_some(())?;
        Some(Self {
            answers: answers.len(),
            stated,
            assumed,
            brier: brier(&answers)?,
            expected_error: expected_calibration_error(&answers, BINS)?,
            rms_error: rms_calibration_error(&answers, ANSWERS_A_BIN)?,
        })
    }
}

/// Whether an answer is right; none where there is none, or where nobody knows.
fn is_right(attempt: &Attempted) -> Option<bool> {
    match attempt.outcome {
        Outcome::Correct => Some(true),
        Outcome::Wrong => Some(false),
        _ => None,
    }
}
