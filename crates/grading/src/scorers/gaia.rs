//! The quasi exact match of GAIA.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Trajectory};

use super::KnownAnswers;
use crate::text::{final_answer, gaia_elements, gaia_number, gaia_string, python_float};
use crate::{GradeError, Grader};

/// `gaia/quasi-exact@1`: the quasi exact match of GAIA, on the answer in the record of the attempt.
///
/// See [`gaia_is_same`] for what it takes for the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct GaiaQuasiExact;

#[async_trait]
impl Grader for GaiaQuasiExact {
    fn name(&self) -> &'static str {
        "gaia/quasi-exact@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(KnownAnswers::graded(self.name(), attempt, |known| {
            let Some(answer) = final_answer(attempt) else { return known.nothing(0.0) };
            let is_correct = known.spellings().any(|gold| gaia_is_same(answer, gold));
            known.found(answer, is_correct, f64::from(u8::from(is_correct)))
        }))
    }
}

/// Whether the scorer of GAIA takes a prediction for the same as a right answer.
///
/// What kind of comparison it is depends on the right answer: a number where Python reads one, a list where it has a comma
/// or a semicolon, else a string. So `1,000` is a list of two, and no prediction without a comma is equal to it; lists
/// have an order; the right answer `inf` is equal to everything that is no number, and `nan` to nothing.
///
/// ```
/// use offseeker_grading::scorers::gaia_is_same;
///
/// assert!(gaia_is_same("$1,234", "1234"));
/// assert!(!gaia_is_same("1000", "1,000"));
/// ```
#[must_use]
pub fn gaia_is_same(prediction: &str, gold: &str) -> bool {
    if let Some(number) = python_float(gold) {
        return is_number(prediction, number);
    }
    if !gold.contains([',', ';']) {
        return gaia_string(prediction, false) == gaia_string(gold, false);
    }
    gaia_elements(prediction).count() == gaia_elements(gold).count()
        && gaia_elements(prediction).zip(gaia_elements(gold)).all(|(said, gold)| match python_float(gold) {
            Some(number) => is_number(said, number),
            None => gaia_string(said, true) == gaia_string(gold, true),
        })
}

// The published scorer compares exactly.
#[allow(clippy::float_cmp)]
fn is_number(prediction: &str, number: f64) -> bool {
    gaia_number(prediction) == number
}
