//! What is in the store of a contestant, as the part of a report that is about it.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt;
use offseeker_trajectory::{StopReason, Trajectory};
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};

use super::{Contestant, Evaluation, EvaluationError, SameAnswers};
use crate::statistics::{Figures, QuestionOutcomes};
use crate::{Attempted, Calibration, Lost, Means, Reduced, ReportLine, Standing, Task, breakdown};

/// The attempts of a contestant, by grader, and what is to be said of them beside.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// For each grader the facts of all attempts.
    by_grader: Vec<Vec<Attempted>>,
    /// For each grader the prompts that judges were asked with, and their hashes.
    prompts: Vec<BTreeSet<String>>,
    failed: usize,
    ungraded: usize,
}

impl Measured {
    /// Reads what there is of a contestant.
    pub(super) async fn read(evaluation: &Evaluation, contestant: &Contestant) -> Result<Self, EvaluationError> {
        let graders = evaluation.graders.len();
        let mut measured =
            Self { by_grader: vec![Vec::new(); graders], prompts: vec![BTreeSet::new(); graders], ..Self::default() };
        let tasks: BTreeMap<_, &Task> = evaluation.benchmark.tasks.iter().map(|task| (task.id(), task)).collect();
        let filter = Filter { ended: Some(true), ..Filter::of_run(evaluation.run_of(contestant)?) };
        let mut attempts = evaluation.store.trajectories(&filter);
        while let Some(attempt) = attempts.try_next().await? {
            let task = tasks.get(&attempt.question.id).filter(|_| attempt.attempt < evaluation.attempts.max(1));
            if let Some(task) = task {
                measured.take(evaluation, &attempt, task);
            }
        }
        let found = measured.by_grader.first().map_or(0, Vec::len);
        let missing = evaluation.attempts_in_all().saturating_sub(found);
        if missing > 0 {
            return Err(EvaluationError::Unfinished { contestant: contestant.name().to_owned(), missing });
        }
        Ok(measured)
    }

    fn take(&mut self, evaluation: &Evaluation, attempt: &Trajectory, task: &Task) {
        let labels: Vec<&str> = evaluation.known_labels().collect();
        let same = match &evaluation.same_answers {
            Some(same) => same.said(attempt),
            None => SameAnswers::spelling(attempt),
        };
        for (at, grader) in evaluation.graders.iter().enumerate() {
            let mut facts = Attempted::of(attempt, grader.name(), &labels);
            for name in &labels {
                let known = task.labels.get(*name);
                facts.labels.extend(known.map(|value| ((*name).to_owned(), value.clone())));
            }
            facts.same.clone_from(&same);
            self.by_grader[at].push(facts);
            let evidence =
                attempt.grades.iter().filter(|grade| grade.grader == grader.name()).flat_map(|it| &it.evidence);
            self.prompts[at].extend(evidence.filter_map(|it| Some(it.claim.strip_prefix("prompt ")?.to_owned())));
        }
        let has_failed = attempt.stop.as_ref().is_some_and(StopReason::is_infrastructure);
        let first = evaluation.graders.first().map(|grader| grader.name());
        let is_graded = attempt.grades.iter().any(|grade| Some(grade.grader.as_str()) == first);
        self.failed += usize::from(has_failed);
        self.ungraded += usize::from(!has_failed && !is_graded);
    }

    /// The outcomes by the first grader, question by question.
    pub(super) fn outcomes(&self, evaluation: &Evaluation) -> Vec<QuestionOutcomes> {
        Attempted::by_question(self.main(), evaluation.cluster.as_deref())
    }

    fn main(&self) -> &[Attempted] {
        self.by_grader.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// What is reported of the contestant.
    pub(super) fn standing(
        &self,
        evaluation: &Evaluation,
        contestant: &Contestant,
    ) -> Result<Standing, EvaluationError> {
        let (main, cluster) = (self.main(), evaluation.cluster.as_deref());
        let lost = Lost::of(self.failed, self.ungraded, main.len(), &evaluation.policy);
        if lost.are_too_many && evaluation.policy.refuses {
            return Err(EvaluationError::TooManyLost {
                contestant: contestant.name().to_owned(),
                lost: lost.failed + lost.ungraded,
                of: main.len(),
                most: evaluation.policy.most_lost,
            });
        }
        let keys = ["stop", "tool"].into_iter().chain(evaluation.labels.iter().map(String::as_str));
        Ok(Standing {
            lines: (0..self.by_grader.len()).map(|at| self.line(at, evaluation, contestant)).collect(),
            reduced: (evaluation.attempts > 1).then(|| Reduced::of(main, cluster)),
            means: Means::of(main),
            calibration: Calibration::of(main, evaluation.assumed_confidence),
            lost,
            parts: keys.map(|key| (key.to_owned(), breakdown(main, key))).collect(),
        })
    }

    fn line(&self, at: usize, evaluation: &Evaluation, contestant: &Contestant) -> ReportLine {
        let attempts = &self.by_grader[at];
        let outcomes = Attempted::by_question(attempts, evaluation.cluster.as_deref());
        let prompts: Vec<&str> = self.prompts[at].iter().map(String::as_str).collect();
        let asked = (!prompts.is_empty()).then(|| prompts.join(", "));
        ReportLine {
            contestant: contestant.name().to_owned(),
            control: contestant.control(),
            tools: contestant.tools().map(str::to_owned).collect(),
            dataset: evaluation.benchmark.id.clone(),
            subset: evaluation.benchmark.hash(),
            attempts_each: evaluation.attempts.max(1) as usize,
            scorer: evaluation.graders[at].name().to_owned(),
            judge: evaluation.judge.clone().or(asked),
            limits: contestant.limits().clone(),
            blocked: attempts.iter().map(|attempt| attempt.blocked).sum(),
            date: evaluation.date.clone(),
            figures: Figures::of(&outcomes, &evaluation.ks),
        }
    }
}
