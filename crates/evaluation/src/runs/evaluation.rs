//! An evaluation: contestants attempt the questions of a benchmark and are graded, as often as it takes to a report.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream;
use offseeker_agent_loop::{Journal, Made, Researcher, Run, Stop};
use offseeker_grading::run::{Grading, Regrade, Watcher as GradingWatcher};
use offseeker_grading::{Grader, GroupGrader};
use offseeker_trajectory::RunId;
use offseeker_trajectory_store::{Filter, Manifest, RunStore, Stored, TrajectoryStoreExt};
use serde_json::json;

use super::measured::Measured;
use super::{Contestant, EvaluationError, Event, SameAnswers, Sealing, Watcher};
use crate::statistics::{Unscored, paired};
use crate::{Benchmark, Comparison, Policy, Report, Task};

/// The kinds of ends that are no fault of the attempt's own.
const NO_FAULT: [&str; 5] = ["model_failure", "tool_failure", "store_failure", "cancelled", "crashed"];

/// Contestants that attempt the questions of a benchmark, and graders.
///
/// All that it does is in the store before it goes on, so it may be killed at any time: run again, it goes on where it was,
/// by question and by turn, and comes to the report that it would have come to. Attempts at sealed questions are kept
/// [encrypted](Sealing). It reads no clock: the day is handed in.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_agent_loop::{Agent, Tools};
/// use offseeker_chat::{Reply, Scripted};
/// use offseeker_evaluation::{Benchmark, Contestant, Evaluation};
/// use offseeker_grading::scorers;
/// use offseeker_trajectory::{Message, Question};
/// use offseeker_trajectory_store::InMemory;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let questions = [("Which river?", "the Orsa"), ("Which town?", "Karlin")];
/// let benchmark = Benchmark::of("mills", questions.map(|(text, answer)| Question::new(text, [answer])))?;
/// let agent = || {
///     let says = |_: offseeker_chat::Request<'_>| Ok(Reply::new(Message::assistant("<answer>the Orsa</answer>")));
///     Agent::new(Arc::new(Scripted::by(says)), Tools::none())
/// };
/// let mut evaluation = Evaluation::new(benchmark, Arc::new(InMemory::new()), "2026-11-22")
///     .between(Contestant::of("ours", 7, agent())?)
///     .between(Contestant::closed_book("closed book", 7, agent())?)
///     .graded_by(scorers::Match)
///     .comparing("closed book", "ours");
/// evaluation.attempts = 3;
///
/// let report = evaluation.run().await?;
/// assert_eq!(report.standings[0].lines[0].figures.all.mean.unwrap().value, 0.5);
/// assert!(report.to_string().contains("| closed book | closed book | mills |"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Evaluation {
    pub(super) benchmark: Benchmark,
    pub(super) store: Arc<dyn RunStore>,
    pub(super) date: String,
    pub(super) contestants: Vec<Contestant>,
    pub(super) graders: Vec<Arc<dyn Grader>>,
    pub(super) same_answers: Option<SameAnswers>,
    comparisons: Vec<(String, String)>,
    /// How many attempts each contestant has at each question. One.
    pub attempts: u32,
    /// How many attempts are made or graded at once. 16.
    pub at_once: usize,
    /// For which k there are pass@k and pass^k. 1.
    pub ks: Vec<usize>,
    /// The labels of questions that there are breakdowns by, beside `stop` and `tool`. None.
    pub labels: Vec<String>,
    /// The label by which questions hang together. None.
    pub cluster: Option<String>,
    /// Who judges, where that is not to be read off the grades. None.
    pub judge: Option<String>,
    /// How sure an answer is taken to be of itself that does not say so, from 0 to 1. 1.
    pub assumed_confidence: f64,
    /// What is done where there is a grade already. It is left. [`Regrade::Unscored`] asks the judge again that could not tell.
    pub regrade: Regrade,
    /// What is done about attempts that come to nothing through no fault of their own.
    pub policy: Policy,
    /// Stops it.
    pub stop: Stop,
    /// Is told what happens.
    pub watcher: Watcher,
}

impl Evaluation {
    /// An evaluation over all questions of a benchmark, on a day: `2026-11-22`.
    pub fn new(benchmark: Benchmark, store: Arc<dyn RunStore>, date: impl Into<String>) -> Self {
        Self {
            benchmark,
            store: Arc::new(Sealing::new(store)),
            date: date.into(),
            contestants: Vec::new(),
            graders: Vec::new(),
            same_answers: None,
            comparisons: Vec::new(),
            attempts: 1,
            at_once: 16,
            ks: vec![1],
            labels: Vec::new(),
            cluster: None,
            judge: None,
            assumed_confidence: 1.0,
            regrade: Regrade::default(),
            policy: Policy::default(),
            stop: Stop::default(),
            watcher: Watcher::default(),
        }
    }

    /// Has one more contestant.
    #[must_use]
    pub fn between(mut self, contestant: Contestant) -> Self {
        self.contestants.push(contestant);
        self
    }

    /// Grades by one more grader. Comparisons, majorities and breakdowns go by the first.
    #[must_use]
    pub fn graded_by(mut self, grader: impl Grader + 'static) -> Self {
        self.graders.push(Arc::new(grader));
        self
    }

    /// Counts majorities by who knows which answers are the same in other words, not by spelling.
    #[must_use]
    pub fn same_answers_by(self, same_answers: SameAnswers) -> Self {
        Self { same_answers: Some(same_answers), ..self }
    }

    /// Holds the second contestant against the first, question by question.
    #[must_use]
    pub fn comparing(mut self, first: impl Into<String>, second: impl Into<String>) -> Self {
        self.comparisons.push((first.into(), second.into()));
        self
    }

    /// Attempts and grades what is left to be, and reports.
    ///
    /// # Errors
    ///
    /// When it cannot go on, was stopped, or lost more attempts than a policy that refuses lets it. What was done is kept.
    pub async fn run(&self) -> Result<Report, EvaluationError> {
        self.check()?;
        for contestant in &self.contestants {
            self.attempt(contestant).await?;
            self.grade(contestant).await?;
            self.watcher.tell(Event::Measured { contestant: contestant.name() });
        }
        self.report().await
    }

    /// Reports what is in the store, and attempts and grades nothing.
    ///
    /// # Errors
    ///
    /// When attempts are still to be made, or more were lost than a policy that refuses lets it.
    pub async fn report(&self) -> Result<Report, EvaluationError> {
        self.check()?;
        let mut measured = Vec::with_capacity(self.contestants.len());
        for contestant in &self.contestants {
            measured.push(Measured::read(self, contestant).await?);
        }
        let standings = measured.iter().zip(&self.contestants);
        let same_answers = self.same_answers.as_ref();
        Ok(Report {
            dataset: self.benchmark.id.clone(),
            subset: self.benchmark.hash(),
            questions: self.benchmark.tasks.len(),
            attempts_each: self.attempts.max(1) as usize,
            date: self.date.clone(),
            same_answers: same_answers.map_or(SameAnswers::SPELLED_ALIKE, |it| it.name()).to_owned(),
            policy: self.policy,
            standings: standings.map(|(it, contestant)| it.standing(self, contestant)).collect::<Result<_, _>>()?,
            comparisons: self.compared(&measured),
        })
    }

    /// Makes the attempts of a contestant that are not made, and those anew that failed through no fault of their own.
    async fn attempt(&self, contestant: &Contestant) -> Result<(), EvaluationError> {
        let name = contestant.name();
        for round in 0..=self.policy.retries {
            let run = self.run_with(contestant, round > 0)?;
            let questions = self.benchmark.tasks.iter().map(|task| task.in_clear().clone());
            let summary = run.attempt_all(stream::iter(questions)).await;
            let summary = summary.map_err(|source| EvaluationError::Run { contestant: name.to_owned(), source })?;
            if summary.was_stopped {
                return Err(EvaluationError::Stopped { contestant: name.to_owned() });
            }
            let lost = self.failed(contestant).await?;
            if lost == 0 || round == self.policy.retries {
                break;
            }
            self.watcher.tell(Event::Retrying { contestant: name, lost });
        }
        Ok(())
    }

    fn run_with(&self, contestant: &Contestant, mends: bool) -> Result<Run, EvaluationError> {
        let (watcher, name) = (self.watcher.clone(), contestant.name().to_owned());
        let shared = Shared(contestant.researcher.clone());
        let run = Run::new(shared, self.store.clone(), self.manifest(contestant))
            .attempting(self.attempts)
            .at_once(self.at_once)
            .failing_after(self.policy.failures_on_end)
            .stopped_by(self.stop.clone())
            .telling(move |event| watcher.tell(Event::Attempting { contestant: &name, event }));
        Ok(if mends { run.mending_failures() } else { run })
    }

    /// How many attempts of a contestant failed through no fault of their own.
    async fn failed(&self, contestant: &Contestant) -> Result<u64, EvaluationError> {
        let run = self.run_of(contestant)?;
        let mut failed = 0;
        for stop in NO_FAULT {
            let filter = Filter { stop: Some(stop.to_owned()), ..Filter::of_run(run.clone()) };
            failed += self.store.count(&filter).await?;
        }
        Ok(failed)
    }

    /// Gives the grades that are missing, and asks again for those that a grader could not give.
    async fn grade(&self, contestant: &Contestant) -> Result<(), EvaluationError> {
        let name = contestant.name();
        for round in 0..=self.policy.retries {
            let mut grading = Grading::new(self.store.clone());
            for grader in &self.graders {
                grading = grading.by(grader.clone());
            }
            if let Some(same_answers) = &self.same_answers {
                grading = grading.by_group(same_answers.clone());
            }
            let (watcher, named) = (self.watcher.clone(), name.to_owned());
            let tell = move |event: offseeker_grading::run::Event<'_>| {
                watcher.tell(Event::Grading { contestant: &named, event });
            };
            grading.filter = Filter::of_run(self.run_of(contestant)?);
            // What was asked again in the first round is not asked once more.
            grading.regrade = if round == 0 { self.regrade } else { Regrade::Missing };
            grading.at_once = self.at_once;
            grading.watcher = GradingWatcher::new(tell);
            grading.stop = self.stop.clone();
            let tally = grading.run().await;
            let tally = tally.map_err(|source| EvaluationError::Grade { contestant: name.to_owned(), source })?;
            if tally.stopped {
                return Err(EvaluationError::Stopped { contestant: name.to_owned() });
            }
            if tally.outages() == 0 || round == self.policy.retries {
                break;
            }
            self.watcher.tell(Event::Retrying { contestant: name, lost: tally.outages() });
        }
        Ok(())
    }

    fn compared(&self, measured: &[Measured]) -> Vec<Comparison> {
        let outcomes = |name: &String| {
            let found = measured.iter().zip(&self.contestants).find(|(_, contestant)| contestant.name() == name);
            found.map(|(measured, _)| measured.outcomes(self)).unwrap_or_default()
        };
        let compared = self.comparisons.iter().map(|(first, second)| {
            let (one, other) = (outcomes(first), outcomes(second));
            Comparison {
                first: first.clone(),
                second: second.clone(),
                all: paired(&one, &other, Unscored::Counted),
                scored: paired(&one, &other, Unscored::LeftOut),
            }
        });
        compared.collect()
    }

    /// What a contestant's run is made with: what it says itself, and the very list of questions.
    fn manifest(&self, contestant: &Contestant) -> Manifest {
        let mut manifest = contestant.manifest.clone();
        let benchmark = json!({"id": self.benchmark.id, "hash": self.benchmark.hash()});
        manifest.settings.insert("benchmark".to_owned(), benchmark);
        manifest
    }

    pub(super) fn run_of(&self, contestant: &Contestant) -> Result<RunId, EvaluationError> {
        let named = |source| EvaluationError::Manifest { contestant: contestant.name().to_owned(), source };
        self.manifest(contestant).id().map_err(named)
    }

    pub(super) fn attempts_in_all(&self) -> usize {
        self.benchmark.tasks.len().saturating_mul(self.attempts.max(1) as usize)
    }

    /// The labels that are kept of each attempt.
    pub(super) fn known_labels(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().chain(&self.cluster).map(String::as_str)
    }

    /// Refuses what could only go wrong.
    fn check(&self) -> Result<(), EvaluationError> {
        if self.benchmark.tasks.is_empty() || self.contestants.is_empty() || self.graders.is_empty() {
            return Err(EvaluationError::invalid("it takes a question, a contestant and a grader at least"));
        }
        if !(0.0..=1.0).contains(&self.assumed_confidence) || !(0.0..=1.0).contains(&self.policy.most_lost) {
            return Err(EvaluationError::invalid(
                "the confidence that is assumed, and what may be lost, are from 0 to 1",
            ));
        }
        let mut names = BTreeSet::new();
        if let Some(again) = self.contestants.iter().find(|it| it.name().is_empty() || !names.insert(it.name())) {
            let reason = format!("two contestants are called {:?}, or one has no name; figures go by it", again.name());
            return Err(EvaluationError::invalid(reason));
        }
        let mut named = self.comparisons.iter().flat_map(|(first, second)| [first, second]);
        if let Some(name) = named.find(|name| !names.contains(name.as_str())) {
            let known = names.iter().map(|name| (*name).to_owned()).collect();
            return Err(EvaluationError::Unknown { name: name.clone(), known });
        }
        self.contestants.iter().try_for_each(|contestant| self.check_documents(contestant))
    }

    fn check_documents(&self, contestant: &Contestant) -> Result<(), EvaluationError> {
        let uninformed = contestant.uninformed(self.benchmark.tasks.iter().map(Task::id));
        let Some(first) = uninformed.first() else { return Ok(()) };
        let (contestant, missing) = (contestant.name().to_owned(), uninformed.len());
        Err(EvaluationError::NoDocuments { contestant, missing, question: (*first).clone() })
    }
}

/// A researcher that several runs share.
#[derive(Debug)]
struct Shared(Arc<dyn Researcher>);

#[async_trait]
impl Researcher for Shared {
    async fn go_on(&self, stored: Stored, journal: &Journal, stop: &Stop) -> Made {
        self.0.go_on(stored, journal, stop).await
    }

    fn or_seeded(self: Arc<Self>, seed: u64) -> Arc<dyn Researcher> {
        self.0.clone().or_seeded(seed)
    }
}
