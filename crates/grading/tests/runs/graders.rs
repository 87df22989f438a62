//! Graders that count what they are shown and fail as they are told to.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use offseeker_grading::{GradeError, Grader, GroupGrader};
use offseeker_trajectory::{Grade, Outcome, Trajectory, TrajectoryId};

/// A grader that fails at calls of some numbers, and remembers what it graded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flaky {
    name: String,
    inside: Arc<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    fails_at: Vec<bool>,
    calls: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    graded: Mutex<Vec<Vec<TrajectoryId>>>,
}

impl Flaky {
    /// Fails at the calls that are true; after the last of them it never does.
    pub(crate) fn new(name: &str, fails_at: &[bool]) -> Self {
        let inside = Inside { fails_at: fails_at.to_vec(), ..Inside::default() };
        Self { name: name.to_owned(), inside: Arc::new(inside) }
    }

    /// How often it was called, failures included.
    pub(crate) fn calls(&self) -> usize {
        self.inside.calls.load(SeqCst)
    }

    /// What it graded, in its order.
    pub(crate) fn graded(&self) -> Vec<Vec<TrajectoryId>> {
        self.inside.graded.lock().unwrap().clone()
    }

    pub(crate) fn most_under_way(&self) -> usize {
        self.inside.most_under_way.load(SeqCst)
    }

    async fn call(&self, attempts: &[&Trajectory]) -> Result<(), GradeError> {
        let inside = &self.inside;
        let number = inside.calls.fetch_add(1, SeqCst);
        inside.most_under_way.fetch_max(inside.under_way.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::task::yield_now().await;
        inside.under_way.fetch_sub(1, SeqCst);
        if inside.fails_at.get(number).copied().unwrap_or(false) {
            return Err(GradeError::unavailable(&self.name, "the line is cut"));
        }
        inside.graded.lock().unwrap().push(attempts.iter().map(|attempt| attempt.id.clone()).collect());
        Ok(())
    }
}

/// Right where the answer is a right one.
fn grade(name: &str, attempt: &Trajectory, value: f64) -> Grade {
    let answer = attempt.answer.as_deref().unwrap_or_default();
    let is_right = attempt.question.answers.iter().any(|gold| gold.text == answer);
    Grade::scored(name, if is_right { Outcome::Correct } else { Outcome::Wrong }, value)
}

#[async_trait]
impl Grader for Flaky {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        self.call(&[attempt]).await?;
        // The run goes by the name of the grader, whatever its grades are called.
        Ok(grade("another name", attempt, 0.5))
    }
}

#[async_trait]
impl GroupGrader for Flaky {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        self.call(&attempts.iter().collect::<Vec<_>>()).await?;
        let size = f64::from(u32::try_from(attempts.len()).unwrap());
        Ok(attempts.iter().map(|attempt| grade(&self.name, attempt, 1.0 / size)).collect())
    }
}

/// A grader that gives what is no grade.
#[derive(Debug)]
pub(crate) struct Broken;

#[async_trait]
impl Grader for Broken {
    fn name(&self) -> &'static str {
        "broken@1"
    }

    async fn grade(&self, _: &Trajectory) -> Result<Grade, GradeError> {
        Ok(Grade::scored("broken@1", Outcome::Correct, f64::NAN))
    }
}

#[async_trait]
impl GroupGrader for Broken {
    fn name(&self) -> &'static str {
        "broken@1"
    }

    async fn grade(&self, _: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        Ok(vec![Grade::scored("broken@1", Outcome::Correct, 1.0)])
    }
}
