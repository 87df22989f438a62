//! Pure functions of outcomes: rates with intervals, pass@k and pass^k, paired tests, calibration.
//!
//! A question is a cluster: attempts at it are not independent, so what counts is the rate of each question, and what is
//! off is how these rates differ. Where questions hang together themselves (made from one page, translated from one
//! another), [`QuestionOutcomes::cluster`] says so.

mod bootstrap;
mod calibration;
mod clustered;
mod figures;
mod interval;
mod outcomes;
mod paired;
mod pass;
mod sign_test;
mod student;
mod wilson;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

pub use bootstrap::bootstrap;
pub use calibration::{Stated, brier, expected_calibration_error, rms_calibration_error};
pub use clustered::{ClusteredMean, clustered_mean};
pub use figures::{Counts, Estimate, Figures, Rates};
pub use interval::Interval;
pub use outcomes::{QuestionOutcomes, Unscored};
pub use paired::{Paired, paired};
pub use pass::{pass_all, pass_at};
pub use sign_test::sign_test;
pub use student::student_97_5;
pub use wilson::wilson;
