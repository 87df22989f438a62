//! Measures that the formulas of the survey's chapter are made of, and those formulas.

use async_trait::async_trait;
use offseeker_trajectory::{CallStatus, Grade, Repair, Trajectory};

use super::turns::{answer, calls, measured, observations, turns, unfit};
use crate::{GradeError, Grader};

/// `accuracy + 0.2 * valid calls - 0.1 * turns / most turns`.
///
/// ```
/// use offseeker_grading::rewards::survey::stage2;
///
/// assert!((stage2(1.0, 0.5, 5, 10) - 1.05).abs() < 1e-12);
/// ```
#[must_use]
pub fn stage2(accuracy: f64, valid_calls: f64, turns: usize, most_turns: usize) -> f64 {
    accuracy + 0.2 * valid_calls - 0.1 * (turns as f64 / most_turns.max(1) as f64)
}

/// Something that can be counted in an attempt, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Counted {
    /// `survey004/valid-calls`: the share of calls that could be read and fit their tool; nought where there is none.
    ValidCalls,
    /// `survey004/turns`: turns over the most that there may be. **Higher is worse.**
    Turns {
        /// The most turns.
        most: usize,
    },
    /// `survey004/efficiency`: what is left of 1 when `turns` is taken off, and no less than nought.
    Efficiency {
        /// The most turns.
        most: usize,
    },
    /// `attempt/no-search`: 1 where nothing was called, else 0.
    NoSearch,
    /// `attempt/no-answer`: 1 where there is no answer, else 0.
    NoAnswer,
}

impl Counted {
    /// The figure.
    #[must_use]
    pub fn of(self, attempt: &Trajectory) -> f64 {
        let share = |most: usize| turns(attempt).count() as f64 / most.max(1) as f64;
        match self {
            Self::ValidCalls => valid_calls(attempt),
            Self::Turns { most } => share(most),
            Self::Efficiency { most } => (1.0 - share(most)).max(0.0),
            Self::NoSearch => f64::from(u8::from(calls(attempt).next().is_none())),
            Self::NoAnswer => f64::from(u8::from(answer(attempt).is_none())),
        }
    }
}

fn valid_calls(attempt: &Trajectory) -> f64 {
    let all = calls(attempt).count();
    let unreadable = calls(attempt).filter(|call| call.repair == Repair::Unreadable).count();
    let refused =
        observations(attempt).filter(|(_, observed, _)| observed.status == CallStatus::InvalidArguments).count();
    // What could not be read was refused as well; no call counts twice.
    all.saturating_sub(unreadable.max(refused)) as f64 / all.max(1) as f64
}

#[async_trait]
impl Grader for Counted {
    fn name(&self) -> &str {
        match self {
            Self::ValidCalls => "survey004/valid-calls@1",
            Self::Turns { .. } => "survey004/turns@1",
            Self::Efficiency { .. } => "survey004/efficiency@1",
            Self::NoSearch => "attempt/no-search@1",
            Self::NoAnswer => "attempt/no-answer@1",
        }
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        Ok(unfit(self.name(), attempt).unwrap_or_else(|| measured(self.name(), attempt, self.of(attempt))))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
