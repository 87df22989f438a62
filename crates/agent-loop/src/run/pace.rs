//! How far a run is, and how fast it goes.

use std::fmt;
use std::time::Duration;

use offseeker_trajectory_store::Progress;

/// How far a run is, and how fast it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pace {
    /// How far it is.
    pub progress: Progress,
    /// Attempts under way here.
    pub in_flight: usize,
    /// Steps that were written down here.
    pub steps: u64,
    /// How long this program has been at it.
    pub elapsed: Duration,
    /// Attempts that ended here.
    pub ended_here: u64,
}

impl Pace {
    /// Attempts that end in a minute, where some have ended.
    #[must_use]
    pub fn per_minute(&self) -> Option<f64> {
        let minutes = self.elapsed.as_secs_f64() / 60.0;
        (self.ended_here > 0 && minutes > 0.0).then(|| self.ended_here as f64 / minutes)
    }

    /// How long the rest takes at this pace.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let minutes = self.progress.open() as f64 / self.per_minute()?;
        Duration::try_from_secs_f64(minutes * 60.0).ok()
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { planned, ended, .. } = self.progress;
        write!(f, "{ended} of {planned} ended, {} under way, {} steps", self.in_flight, self.steps)?;
        if let Some(rate) = self.per_minute() {
            write!(f, ", {rate:.1} a minute")?;
        }
        match self.left() {
            Some(left) => write!(f, ", {} left", in_words(left)),
            None => Ok(()),
        }
    }
}

fn in_words(left: Duration) -> String {
    match left.as_secs() {
        seconds @ ..90 => format!("{seconds} s"),
        seconds @ ..5_400 => format!("{} min", seconds / 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_says_how_long_the_rest_takes() {
        let check = |planned, ended, seconds, expected: &str| {
            let progress = Progress { planned, begun: ended, ended };
            let pace =
                Pace { progress, in_flight: 2, steps: 9, elapsed: Duration::from_secs(seconds), ended_here: ended };
            assert_eq!(pace.to_string(), expected);
        };
        check(8, 0, 60, "0 of 8 ended, 2 under way, 9 steps");
        check(8, 4, 60, "4 of 8 ended, 2 under way, 9 steps, 4.0 a minute, 60 s left");
        check(808, 8, 60, "8 of 808 ended, 2 under way, 9 steps, 8.0 a minute, 1 h 40 min left");
        check(8, 4, 0, "4 of 8 ended, 2 under way, 9 steps");
    }
}
