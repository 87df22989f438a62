//! One attempt, or one group of attempts, and the graders that it is shown to.

use std::sync::Arc;

use futures::TryStreamExt;
use offseeker_trajectory::{Grade, Outcome, QuestionId, Trajectory, TrajectoryId};
use offseeker_trajectory_store::{Entry, Filter, TrajectoryStore, TrajectoryStoreExt};

use super::outages::Outages;
use super::tally::Count;
use super::{Event, Regrade, Watcher};
use crate::scorers::{NO_FAULT, no_fault};
use crate::{GradeError, Grader, GroupGrader};

/// What is worked on at once.
#[derive(Debug)]
pub(super) enum Item {
    Attempt(TrajectoryId),
    /// An attempt that has every grade already.
    Complete,
    Group(QuestionId),
}

/// What came of an item.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) counts: Vec<Count>,
    /// The question of the attempt, where a grader of groups has not graded it.
    pub(super) ungrouped: Option<QuestionId>,
}

/// What all workers share.
#[derive(Debug)]
pub(super) struct AtWork {
    pub(super) store: Arc<dyn TrajectoryStore>,
    pub(super) graders: Vec<Arc<dyn Grader>>,
    pub(super) group_graders: Vec<Arc<dyn GroupGrader>>,
    pub(super) filter: Filter,
    pub(super) regrade: Regrade,
    pub(super) watcher: Watcher,
    pub(super) outages: Outages,
}

impl AtWork {
    pub(super) async fn work(self: Arc<Self>, item: Item) -> Result<Done, GradeError> {
        match item {
            Item::Attempt(id) => self.attempt(&id).await,
            Item::Group(question) => self.group(&question).await,
            Item::Complete => Ok(Done::default()),
        }
    }

    async fn attempt(&self, id: &TrajectoryId) -> Result<Done, GradeError> {
        let attempt = self.store.get(id).await?.trajectory;
        let mut done = Done { counts: vec![Count::Attempt], ungrouped: None };
        // It may have been taken up again since it was found.
        if attempt.stop.is_none() {
            return Ok(done);
        }
        for grader in &self.graders {
            let name = grader.name();
            if !self.lacks(&attempt, name) {
                done.counts.push(Count::Had { grader: name.to_owned() });
                continue;
            }
            let grade = match no_fault(name, &attempt) {
                Some(unscored) => Ok(unscored),
                None => grader.grade(&attempt).await.and_then(|grade| checked(name, grade)),
            };
            let grades = grade.map(|grade| vec![grade]);
            self.take(name, &[&attempt], grades, &mut done.counts).await?;
        }
        for grader in &self.group_graders {
            if self.lacks(&attempt, grader.name()) {
                done.ungrouped = Some(attempt.question.id.clone());
            } else {
                done.counts.push(Count::Had { grader: grader.name().to_owned() });
            }
        }
        Ok(done)
    }

    async fn group(&self, question: &QuestionId) -> Result<Done, GradeError> {
        let filter = Filter { question: Some(question.clone()), ..self.filter.clone() };
        let ids: Vec<TrajectoryId> = self.store.scan(&filter).try_collect().await?;
        let stored = self.store.read(&ids).await?;
        let ended = stored.into_iter().map(|stored| stored.trajectory).filter(|attempt| attempt.stop.is_some());
        let (out, group): (Vec<_>, Vec<_>) = ended.partition(|attempt| no_fault("", attempt).is_some());
        let mut counts = Vec::new();
        for grader in &self.group_graders {
            let name = grader.name();
            for attempt in out.iter().filter(|attempt| self.lacks(attempt, name)) {
                let grades = no_fault(name, attempt).into_iter().collect();
                self.take(name, &[attempt], Ok(grades), &mut counts).await?;
            }
            if group.iter().any(|attempt| self.lacks(attempt, name)) {
                let grades = grader.grade(&group).await.and_then(|grades| all_checked(name, grades, group.len()));
                self.take(name, &group.iter().collect::<Vec<_>>(), grades, &mut counts).await?;
            }
        }
        Ok(Done { counts, ungrouped: None })
    }

    /// Whether a grader has to be asked about an attempt.
    fn lacks(&self, attempt: &Trajectory, grader: &str) -> bool {
        let Some(grade) = attempt.grades.iter().find(|grade| grade.grader == grader) else { return true };
        let unscored = Some(&grade.outcome).filter(|_| grade.value.is_none());
        let Some(Outcome::Unscored { reason }) = unscored else { return self.regrade == Regrade::All };
        // It has been taken up again since, and ended otherwise.
        let is_outdated = reason.starts_with(NO_FAULT) && no_fault(grader, attempt).is_none();
        is_outdated || self.regrade != Regrade::Missing
    }

    /// Writes the grades of attempts, all or none, or counts why there are none.
    async fn take(
        &self,
        grader: &str,
        attempts: &[&Trajectory],
        grades: Result<Vec<Grade>, GradeError>,
        counts: &mut Vec<Count>,
    ) -> Result<(), GradeError> {
        let grades = match grades {
            Ok(grades) => grades,
            Err(error) => {
                let question = attempts.first().map(|attempt| &attempt.question.id);
                let ids: Vec<&TrajectoryId> = attempts.iter().map(|attempt| &attempt.id).collect();
                if let Some(question) = question {
                    self.watcher.tell(Event::Failed { grader, question, attempts: &ids, error: &error });
                }
                counts.push(Count::Outage { grader: grader.to_owned(), kind: error.kind() });
                return self.outages.failed(grader, error);
            }
        };
        let entry = |(attempt, grade): (&&Trajectory, &Grade)| Entry::Grade {
            attempt: attempt.id.clone(),
            grade: Box::new(grade.clone()),
        };
        self.store.write(attempts.iter().zip(&grades).map(entry).collect(), None).await?;
        // Where nobody was asked, nothing is known of whether the grader can be reached.
        if !attempts.iter().all(|attempt| no_fault(grader, attempt).is_some()) {
            self.outages.worked(grader);
        }
        for (attempt, grade) in attempts.iter().zip(&grades) {
            self.watcher.tell(Event::Graded { attempt: &attempt.id, grade });
            // A reward may have a value and not say whether the answer is right.
            let is_measured = grade.value.is_some() && matches!(grade.outcome, Outcome::Unscored { .. });
            let outcome = if is_measured { "measured" } else { grade.outcome.kind() };
            counts.push(Count::Graded { grader: grader.to_owned(), outcome });
        }
        Ok(())
    }
}

/// A grade that can be written, under the name by which it is looked for.
fn checked(grader: &str, grade: Grade) -> Result<Grade, GradeError> {
    let numbers = grade.value.iter().chain(grade.components.values()).chain(grade.spans.iter().map(|span| &span.value));
    match numbers.into_iter().find(|number| !number.is_finite()) {
        Some(number) => {
            let reason = format!("it gave {number}, which is not a number that can be kept");
            Err(GradeError::Broken { grader: grader.to_owned(), reason })
        }
        None => Ok(Grade { grader: grader.to_owned(), ..grade }),
    }
}

fn all_checked(grader: &str, grades: Vec<Grade>, expected: usize) -> Result<Vec<Grade>, GradeError> {
    if grades.len() != expected {
        let reason = format!("it gave {} grades for {expected} attempts", grades.len());
        return Err(GradeError::Broken { grader: grader.to_owned(), reason });
    }
    grades.into_iter().map(|grade| checked(grader, grade)).collect()
}
