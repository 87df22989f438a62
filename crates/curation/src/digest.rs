//! What is looked at in an attempt, as facts in about a kilobyte.

mod call_facts;
mod grounds;
mod safety;
mod shape;
mod short_grade;
mod thoughts;

use offseeker_resemblance::KnownTexts;
use offseeker_trajectory::{Limit, QuestionId, StopReason, Trajectory, TrajectoryId};
use serde::{Deserialize, Serialize};

use crate::turns::turns;
use crate::{CountTokens, Estimate, Secrets};

pub use call_facts::CallFacts;
pub use grounds::Grounds;
pub use safety::Safety;
pub use shape::Shape;
pub use short_grade::ShortGrade;
pub use thoughts::Thoughts;

/// The facts of an attempt that filters, reports, difficulty and pairs go by: about a kilobyte.
///
/// It holds what was found and no opinion on it, so other thresholds need no second look at the attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// The attempt.
    pub attempt: TrajectoryId,
    /// What it is an attempt at.
    pub question: QuestionId,
    /// Which attempt at the question it is.
    pub number: u32,
    /// How it ended.
    pub end: End,
    /// What graders think of it.
    pub grades: Vec<ShortGrade>,
    /// What form it has.
    pub shape: Shape,
    /// What it called.
    pub calls: CallFacts,
    /// What its answer rests on.
    pub grounds: Grounds,
    /// How it reasons.
    pub thoughts: Thoughts,
    /// What nobody should learn from.
    pub safety: Safety,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The kind of the stop reason: `answered`; none while it is under way.
    pub kind: Option<String>,
    /// Whether that was no fault of the attempt.
    pub infrastructure: bool,
    /// Whether it filled the model's window.
    pub context: bool,
    /// Whether there is an answer.
    pub answered: bool,
}

impl End {
    fn of(trajectory: &Trajectory) -> Self {
        let stop = trajectory.stop.as_ref();
        let at_context = |stop: &StopReason| {
            matches!(
                stop,
                StopReason::Limit { which: Limit::Context } | StopReason::ForcedAnswer { why: Limit::Context }
            )
        };
        Self {
            kind: stop.map(|stop| stop.kind().to_owned()),
            infrastructure: stop.is_some_and(StopReason::is_infrastructure),
            context: stop.is_some_and(at_context),
            answered: trajectory.answer.as_deref().is_some_and(|answer| !answer.trim().is_empty()),
        }
    }
}

/// Makes digests: what it knows of tools, tokens, benchmarks and secrets.
#[derive(Debug)]
pub struct Digester {
    /// What of an attempt is looked at.
    pub reading: Reading,
    counter: Box<dyn CountTokens>,
    known: KnownTexts,
    secrets: Secrets,
}

/// What of an attempt is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// The tools that open a page, for attempts that do not say what an observation shows. Those of the published
    /// systems.
    pub visit_tools: Vec<String>,
    /// Sequences of calls are compared by so many calls in a row: 2.
    pub calls_in_a_row: usize,
    /// Whether what tools showed is compared with the known texts too, and not the question alone: no, because
    /// everything is then read once more.
    pub known_in_observations: bool,
}

impl Default for Reading {
    fn default() -> Self {
        let tools = [
            "visit",
            "visit_urls",
            "visit_url",
            "open",
            "browser.open",
            "crawl_page",
            "crawl_url_content",
            "browse_webpage",
            "browse_page",
            "query_url",
            "fetch",
            "search_wiki",
        ];
        Self { visit_tools: tools.map(str::to_owned).to_vec(), calls_in_a_row: 2, known_in_observations: false }
    }
}

impl Default for Digester {
    fn default() -> Self {
        Self::new(Reading::default())
    }
}

impl Digester {
    /// Looks at attempts with an estimate of tokens, the shipped patterns of secrets, and no benchmark.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        Self { reading, counter: Box::new(Estimate), known: KnownTexts::default(), secrets: Secrets::default() }
    }

    /// Counts tokens in another way.
    #[must_use]
    pub fn counting(mut self, counter: impl CountTokens + 'static) -> Self {
        self.counter = Box::new(counter);
        self
    }

    /// Keeps attempts away from these texts: the questions of benchmarks.
    #[must_use]
    pub fn knowing(mut self, known: KnownTexts) -> Self {
        self.known = known;
        self
    }

    /// Looks for other secrets than those of the shipped patterns.
    #[must_use]
    pub fn watching_for(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// The facts of an attempt. It looks at nothing else, so attempts may be digested in any order, and side by side.
    #[must_use]
    pub fn digest(&self, trajectory: &Trajectory) -> Digest {
        let turns = turns(trajectory);
        let main = trajectory.main_branch();
        let counter = &*self.counter;
        Digest {
            attempt: trajectory.id.clone(),
            question: trajectory.question.id.clone(),
            number: trajectory.attempt,
            end: End::of(trajectory),
            grades: trajectory.grades.iter().map(ShortGrade::of).collect(),
            shape: Shape::of(trajectory, main.as_ref(), &turns, counter),
            calls: CallFacts::of(&turns, &self.reading),
            grounds: Grounds::of(trajectory, main.as_ref(), &turns),
            thoughts: Thoughts::of(&turns, counter),
            safety: Safety::of(trajectory, &turns, &self.known, &self.secrets, &self.reading),
        }
    }
}

impl Digest {
    /// How untidy an attempt is, after rStar2-Agent: the share of its calls that failed, a half where it made none, and
    /// its flaws of form by the turn; one for these where it has no answer. Nought is cleanest, two is worst.
    #[must_use]
    pub fn penalty(&self) -> f64 {
        let errors = if self.calls.made == 0 { 0.5 } else { f64::from(self.calls.failed) / f64::from(self.calls.made) };
        let flaws = if self.end.answered {
            (f64::from(self.shape.flaws()) / f64::from(self.shape.turns.max(1))).min(1.0)
        } else {
            1.0
        };
        errors + flaws
    }
}
