//! The attempts that are planned in one run, and who holds them.

use std::collections::HashMap;
use std::time::Duration;

use offseeker_trajectory::{Question, QuestionId, RunId, Trajectory, TrajectoryId};
use tokio::time::Instant;

use crate::work::check_same;
use crate::{Claim, StoreError, Worker};

/// The attempts that are planned in one run, and who holds them.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    planned: HashMap<QuestionId, Planned>,
    work: Vec<Work>,
}

#[derive(Debug, Clone)]
struct Planned {
    place: usize,
    attempts: u32,
    question: Question,
}

#[derive(Debug, Clone)]
struct Work {
    id: TrajectoryId,
    question: Question,
    place: usize,
    attempt: u32,
    fence: u64,
    held: Option<(Worker, Instant)>,
}

impl Queue {
    pub(super) fn plan(&mut self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError> {
        let mut asked: HashMap<&QuestionId, &Question> = HashMap::new();
        for question in questions {
            let known = self.planned.get(&question.id).filter(|planned| planned.attempts > 0);
            let first = match known {
                Some(planned) => &planned.question,
                None if attempts > 0 => *asked.entry(&question.id).or_insert(question),
                None => continue,
            };
            check_same(first, question)?;
        }
        let mut new = 0;
        for question in questions {
            let place = self.planned.len();
            let planned = self.planned.entry(question.id.clone());
            let planned = planned.or_insert_with(|| Planned { place, attempts: 0, question: question.clone() });
            if planned.attempts == 0 {
                planned.question.clone_from(question);
            }
            for attempt in planned.attempts..attempts {
                let id = Trajectory::id_in_run(run, &question.id, attempt);
                let question = question.clone();
                self.work.push(Work { id, question, place: planned.place, attempt, fence: 0, held: None });
                new += 1;
            }
            planned.attempts = planned.attempts.max(attempts);
        }
        self.work.sort_by_key(|work| (work.attempt, work.place));
        Ok(new)
    }

    pub(super) fn claim(
        &mut self,
        run: &RunId,
        worker: &Worker,
        most: usize,
        now: Instant,
        has_ended: impl Fn(&TrajectoryId) -> bool,
    ) -> Vec<Claim> {
        let is_free =
            |work: &&mut Work| work.held.as_ref().is_none_or(|(_, until)| *until <= now) && !has_ended(&work.id);
        let take = |work: &mut Work| {
            work.fence += 1;
            work.held = Some((worker.clone(), until(now, worker)));
            Claim {
                run: run.clone(),
                question: work.question.clone(),
                attempt: work.attempt,
                worker: worker.clone(),
                fence: work.fence,
            }
        };
        self.work.iter_mut().filter(is_free).take(most).map(take).collect()
    }

    /// Whether a claim still counts: nobody has claimed the attempt since, and it was not released.
    pub(super) fn holds(&self, claim: &Claim) -> bool {
        self.work.iter().any(|work| work.is(claim))
    }

    pub(super) fn renew(&mut self, claim: &Claim, now: Instant) -> bool {
        let Some(work) = self.work.iter_mut().find(|work| work.is(claim)) else { return false };
        work.held = Some((claim.worker.clone(), until(now, &claim.worker)));
        true
    }

    pub(super) fn release(&mut self, claim: &Claim) {
        if let Some(work) = self.work.iter_mut().find(|work| work.is(claim)) {
            work.held = None;
        }
    }

    pub(super) fn attempts(&self) -> impl Iterator<Item = &TrajectoryId> {
        self.work.iter().map(|work| &work.id)
    }
}

/// When a lease ends that begins now. A clock has an end, and longer leases end with the program anyway.
fn until(now: Instant, worker: &Worker) -> Instant {
    const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    now + worker.lease.min(LONGEST)
}

impl Work {
    fn is(&self, claim: &Claim) -> bool {
        self.attempt == claim.attempt
            && self.question.id == claim.question.id
            && self.fence == claim.fence
            && self.held.as_ref().is_some_and(|(worker, _)| *worker == claim.worker)
    }
}
