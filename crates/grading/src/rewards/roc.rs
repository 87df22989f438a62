//! rStar2-Agent's measure of how unclean an attempt is, by which it resamples on correct attempts.

use async_trait::async_trait;
use offseeker_trajectory::{CallStatus, Grade, Trajectory};

use super::turns::{answer, measured, observations, turns, unfit, written};
use crate::{GradeError, Grader};

/// What a tool's answer holds where it failed, by the system's rule.
const ERROR: &str = "error";

/// The share of a tool's answers that are errors; 0.5 where no tool was used.
///
/// ```
/// use offseeker_grading::rewards::roc::error_ratio;
///
/// assert_eq!(error_ratio(["ok", "error: no such page"].iter().map(|text| text.contains("error"))), 0.5);
/// assert_eq!(error_ratio([]), 0.5);
/// ```
pub fn error_ratio(are_errors: impl IntoIterator<Item = bool>) -> f64 {
    let (mut errors, mut all) = (0_u32, 0_u32);
    for is_error in are_errors {
        errors += u32::from(is_error);
        all += 1;
    }
    if all == 0 { 0.5 } else { f64::from(errors) / f64::from(all) }
}

/// 1 where answer tags are missing or do not match, else `min((closed - 1) / turns, 1)`.
///
/// ```
/// use offseeker_grading::rewards::roc::format_penalty;
///
/// assert_eq!(format_penalty(1, 1, 4), 0.0);
/// assert_eq!(format_penalty(3, 3, 4), 0.5);
/// assert_eq!(format_penalty(9, 9, 4), 1.0);
/// assert_eq!(format_penalty(2, 1, 4), 1.0);
/// assert_eq!(format_penalty(0, 0, 4), 1.0);
/// ```
#[must_use]
pub fn format_penalty(opened: usize, closed: usize, turns: usize) -> f64 {
    if closed == 0 || opened != closed {
        return 1.0;
    }
    ((closed - 1) as f64 / turns.max(1) as f64).min(1.0)
}

/// How unclean an attempt is, from 0 to 2: its error ratio and its format penalty together. **Higher is worse.**
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RocPenalty {
    by_status: bool,
}

impl RocPenalty {
    /// `roc/penalty`: a tool's answer is an error where it holds the word `error`, as in the system.
    #[must_use]
    pub fn by_text() -> Self {
        Self { by_status: false }
    }

    /// `roc/penalty-by-status`: a tool's answer is an error where its call is known to have failed. A page about errors is
    /// none, and an attempt without answer tags that has an answer is not punished for its dialect.
    #[must_use]
    pub fn by_status() -> Self {
        Self { by_status: true }
    }

    fn format(self, attempt: &Trajectory) -> f64 {
        let texts: Vec<_> = turns(attempt).map(|(_, node)| written(&node.message)).collect();
        let count = |tag: &str| texts.iter().map(|text| text.matches(tag).count()).sum();
        let (opened, closed) = (count("<answer>"), count("</answer>"));
        if self.by_status && opened == 0 && closed == 0 && answer(attempt).is_some() {
            return 0.0;
        }
        format_penalty(opened, closed, texts.len())
    }
}

#[async_trait]
impl Grader for RocPenalty {
    fn name(&self) -> &str {
        if self.by_status { "roc/penalty-by-status@1" } else { "roc/penalty@1" }
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let errors = error_ratio(observations(attempt).map(|(_, observed, text)| {
            if self.by_status { observed.status != CallStatus::Ok } else { text.contains(ERROR) }
        }));
        let format = self.format(attempt);
        let mut grade = measured(self.name(), attempt, errors + format);
        let parts = [("error_ratio", errors), ("format_penalty", format)];
        grade.components.extend(parts.map(|(name, value)| (name.to_owned(), value)));
        Ok(grade)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
