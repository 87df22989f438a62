//! Somebody is measured on questions.

use std::path::Path;

use futures::TryStreamExt;
use offseeker_curation::{Digest, Digester};
use offseeker_grading::Grader;
use offseeker_grading::scorers::Match;
use offseeker_question_synthesis::Plan;
use offseeker_trajectory::{Outcome, Question, QuestionId, Trajectory};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};
use serde::{Deserialize, Serialize};

use super::{Attempting, attempt, grade};
use crate::verified::{Verified, describes};
use crate::{Crew, PipelineError, Watch};

/// What is known of an attempt that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The question.
    pub question: QuestionId,
    /// Which attempt at it.
    pub attempt: u32,
    /// The category of the question.
    pub category: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether it answered without having verified what the question describes; none where that describes nothing.
    pub guessed: Option<bool>,
    /// Whether it ended with an answer of its own, and nothing of it had to be mended or asked for again.
    pub is_well_formed: bool,
    /// How many calls it made.
    pub calls: u32,
}

/// Somebody who is measured, and on what.
#[derive(Debug)]
pub struct Measuring<'a> {
    /// Who.
    pub crew: &'a Crew,
    /// How often, and how many at once.
    pub how: &'a Attempting,
    /// The questions.
    pub questions: &'a [Question],
    /// By what it is told whether they guess.
    pub verified: &'a Verified,
}

/// Attempts questions into a store, as far as they have not been, grades the attempts, and says what is known of them, in
/// the order of the questions and attempts.
///
/// # Errors
///
/// When a run cannot go on, or was stopped. What was made stays.
pub async fn measure(measuring: &Measuring<'_>, store: &Path, watch: &Watch) -> Result<Vec<Measured>, PipelineError> {
    let Measuring { crew, how, questions, verified } = measuring;
    attempt(questions, crew, how, store, watch).await?;
    grade(store, Some((*verified).clone()), &watch.quiet()).await?;
    let store = Embedded::open(store, &Options::default())?;
    let (digester, mut all) = (Digester::default(), Vec::new());
    let mut attempts = store.trajectories(&Filter::default());
    while let Some(attempt) = attempts.try_next().await? {
        let plan = verified.plan(&attempt.question.id);
        all.push(measured(&attempt, &digester.digest(&attempt), plan));
    }
    all.sort_by(|left, right| (&left.question, left.attempt).cmp(&(&right.question, right.attempt)));
    Ok(all)
}

fn measured(attempt: &Trajectory, digest: &Digest, plan: Option<&Plan>) -> Measured {
    let of = |grader: &str| attempt.grades.iter().rev().find(|grade| grade.grader == grader);
    let unscored = || Outcome::Unscored { reason: "it has no grade".to_owned() };
    let is_verified = of(Verified::NAME).is_some_and(|grade| grade.outcome == Outcome::Correct);
    let describes = plan.is_some_and(describes);
    let is_answered = digest.end.answered;
    let category = attempt.question.metadata.get("category").and_then(|category| category.as_str());
    let is_clean = digest.shape.repaired == 0 && digest.shape.silent == 0 && digest.shape.resampled == 0;
    Measured {
        question: attempt.question.id.clone(),
        attempt: attempt.attempt,
        category: category.unwrap_or_default().to_owned(),
        outcome: of(Match.name()).map_or_else(unscored, |grade| grade.outcome.clone()),
        guessed: (describes && is_answered).then_some(!is_verified),
        is_well_formed: digest.end.kind.as_deref() == Some("answered") && is_answered && is_clean,
        calls: digest.calls.made,
    }
}
