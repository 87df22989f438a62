//! Says how good an attempt of a research agent was: by rule, by a judge, by rubrics.
//!
//! A grade is data on a finished attempt, and a grader is a function of the attempt: it needs no trainer, no agent and no
//! clock. So the same grader filters attempts for training, ranks them for pairs, rewards them in groups and counts them in
//! a benchmark, and a store of old attempts can be graded anew by a rule that was thought of yesterday.
//!
//! Two things are kept apart that are often confused:
//!
//! - **Unknown is not nought.** What cannot be told has a grade without a value that says why: no answer to the question is
//!   known, the attempt ended through no fault of its own, the judge could not tell. What could not be found out *now*,
//!   because a judge is out of reach, is a [`GradeError`] and no grade at all.
//! - **No answer is not a wrong one**, and one that breaks the protocol is neither. Grades say which it was; what each is
//!   worth is the grader's business, and where a published one has penalties they are its configuration.
//!
//! What is here:
//!
//! - [`Grader`], [`GroupGrader`] and [`StepGrader`] are the ports: one attempt, all attempts at a question, one message.
//! - [`scorers`] go by a rule: those of published systems, each under its name and version, and ours.
//! - [`judges`] ask a [`Judge`], which is a model, in the forms of published systems; votes, retries, agreement.
//! - [`text`] makes spellings equal, each way under the name of its system, and reads numbers and dates.
//! - [`rewards`] measure what else is good about an attempt, as published systems do; [`compose`] makes graders of graders.
//! - [`hacking`] watches grades for signs that a reward is being tricked.
//! - [`run`] grades the attempts in a store, goes on where it was, and is changed by no outage.
//!
//! It is no benchmark: which questions are asked, and what is reported of them, is decided above.
//!
//! ```
//! use std::sync::Arc;
//!
//! use offseeker_chat::Scripted;
//! use offseeker_grading::judges::{Form, JudgeGrader};
//! use offseeker_grading::run::Grading;
//! use offseeker_grading::{Judge, scorers};
//! use offseeker_trajectory::{Question, RunId, StopReason, Trajectory};
//! use offseeker_trajectory_store::{Entry, InMemory, TrajectoryStore, TrajectoryStoreExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Arc::new(InMemory::new());
//! let question = Question::new("Which river does the Karlin mill stand on?", ["the Orsa"]);
//! let begun = Trajectory::in_run(RunId::new("first try"), question, 0);
//! let (attempt, answer) = (begun.id.clone(), Some("the river Orsa".to_owned()));
//! let end = Entry::End { attempt: attempt.clone(), stop: StopReason::Answered, answer };
//! store.write(vec![Entry::Begin(Box::new(begun)), end], None).await?;
//!
//! let judge = Judge::new(Arc::new(Scripted::saying(["<judge>yes</judge>", "<judge>yes</judge>"])));
//! let grading = Grading::new(store.clone()).by(scorers::Match).by(JudgeGrader::new(judge, Form::Tag));
//! println!("{}", grading.run().await?);
//!
//! let grades = store.get(&attempt).await?.trajectory.grades;
//! assert_eq!(grades[0].outcome.kind(), "wrong"); // to the letter
//! assert_eq!(grades[1].outcome.kind(), "correct"); // by its meaning
//! assert_eq!(grading.run().await?.graded(), 0); // nothing is left to grade
//! # Ok(())
//! # }
//! ```

pub mod compose;
mod error;
mod grader;
pub mod hacking;
mod judge;
pub mod judges;
mod prompt;
pub mod rewards;
pub mod run;
pub mod scorers;
pub mod text;

pub use error::GradeError;
pub use grader::{Grader, GroupGrader, StepGrader};
pub use judge::{Judge, Judgement};
pub use prompt::Prompt;
