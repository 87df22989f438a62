//! Signs that attempts please their grader without getting better, looked for in a stream of attempts and grades.
//!
//! A [`Monitor`] keeps a few figures of each of the last attempts, never the attempts themselves, and compares what they
//! come to with [`Rule`]s, which are data. An [`Alarm`] says the figure, the threshold, and some of the attempts that it is
//! about.
//!
//! ```
//! use offseeker_grading::hacking::{Measure, Monitor, Rule, Side};
//! use offseeker_trajectory::{Grade, Outcome, Question, StopReason, Trajectory};
//!
//! let rule = Rule { measure: Measure::NoAnswerRate, side: Side::Above, threshold: 0.3, least: 2 };
//! let mut monitor = Monitor::new(vec![rule], 1000);
//! for number in 0..4 {
//!     let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), number);
//!     attempt.stop = Some(StopReason::Loop);
//!     monitor.observe(&attempt, &Grade::scored("em@1", Outcome::NoAnswer, 0.0));
//! }
//! let alarms = monitor.alarms();
//! assert_eq!(alarms[0].figure, 1.0);
//! assert_eq!(alarms[0].attempts.len(), 4);
//! ```

mod figures;
mod monitor;
mod record;
mod rule;

pub use monitor::{Alarm, MOST_NAMED, Monitor};
pub use rule::{Measure, Rule, Side, default_rules};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
