//! How far graders agree on the attempts that they graded.

use std::fmt;

use offseeker_trajectory::{Grade, Outcome, Trajectory, TrajectoryId};

use super::Measure;
use super::alpha::Alpha;

/// How far graders agree on the attempts that they graded. Attempts are shown to it one at a time and are not kept.
///
/// ```
/// use offseeker_grading::judges::Agreement;
/// use offseeker_trajectory::{Grade, Outcome, Question, Trajectory};
///
/// let mut agreement = Agreement::between(["one@1", "two@1"]);
/// for (number, others) in [(0, Outcome::Correct), (1, Outcome::Wrong), (2, Outcome::Correct)] {
///     let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), number);
///     let first = if number == 0 { Outcome::Correct } else { Outcome::Wrong };
///     attempt.grades = vec![Grade::scored("one@1", first, 1.0), Grade::scored("two@1", others, 1.0)];
///     agreement.add(&attempt);
/// }
/// assert_eq!(agreement.raw(), Some(2.0 / 3.0));
/// assert_eq!(agreement.disagreements().len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct Agreement {
    graders: Vec<String>,
    nominal: Alpha,
    interval: Alpha,
    pairs: u64,
    same: u64,
    unscored: Vec<u64>,
    disagreed: u64,
    disagreements: Vec<Disagreement>,
    /// The most disagreements that are kept; those beyond it are counted. 10,000.
    pub most: usize,
}

/// An attempt on which graders disagree.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    /// The attempt.
    pub attempt: TrajectoryId,
    /// What each grader says, in their order; none where it has no grade or an unscored one.
    pub outcomes: Vec<Option<Outcome>>,
    /// What each grader gives, in their order.
    pub values: Vec<Option<f64>>,
}

impl Agreement {
    /// Compares these graders, by their names.
    pub fn between<N: Into<String>>(graders: impl IntoIterator<Item = N>) -> Self {
        let graders: Vec<String> = graders.into_iter().map(Into::into).collect();
        let unscored = vec![0; graders.len()];
        let (nominal, interval) = (Alpha::new(Measure::Nominal), Alpha::new(Measure::Interval));
        let (pairs, same, disagreed, disagreements, most) = (0, 0, 0, Vec::new(), 10_000);
        Self { graders, nominal, interval, pairs, same, unscored, disagreed, disagreements, most }
    }

    /// Takes in the grades of an attempt.
    pub fn add(&mut self, attempt: &Trajectory) {
        let grades: Vec<Option<&Grade>> =
            self.graders.iter().map(|name| attempt.grades.iter().find(|grade| grade.grader == *name)).collect();
        for (unscored, grade) in self.unscored.iter_mut().zip(&grades) {
            *unscored += u64::from(grade.is_some_and(|grade| scored(grade).is_none()));
        }
        let outcomes: Vec<Option<Outcome>> = grades.iter().map(|grade| grade.and_then(scored).cloned()).collect();
        let values: Vec<Option<f64>> = grades.iter().map(|grade| grade.and_then(|grade| grade.value)).collect();
        let said: Vec<&Outcome> = outcomes.iter().flatten().collect();
        for (at, one) in said.iter().enumerate() {
            self.pairs += (said.len() - at - 1) as u64;
            self.same += said[at + 1..].iter().filter(|other| *other == one).count() as u64;
        }
        self.nominal.add(&said.iter().map(|outcome| kind(outcome)).collect::<Vec<_>>());
        self.interval.add(&values.iter().copied().flatten().collect::<Vec<_>>());
        if said.windows(2).any(|pair| pair[0] != pair[1]) {
            self.disagreed += 1;
            if self.disagreements.len() < self.most {
                self.disagreements.push(Disagreement { attempt: attempt.id.clone(), outcomes, values });
            }
        }
    }

    /// In which part of all pairs of grades of one attempt both say the same of it; none where there is no pair.
    // There are fewer attempts than a float counts exactly.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn raw(&self) -> Option<f64> {
        (self.pairs > 0).then(|| self.same as f64 / self.pairs as f64)
    }

    /// Krippendorff's alpha of what came of the attempts.
    #[must_use]
    pub fn alpha_of_outcomes(&self) -> Option<f64> {
        self.nominal.value()
    }

    /// Krippendorff's alpha of the values, by the squares of their differences.
    #[must_use]
    pub fn alpha_of_values(&self) -> Option<f64> {
        self.interval.value()
    }

    /// On how many attempts they disagree.
    #[must_use]
    pub fn disagreed(&self) -> u64 {
        self.disagreed
    }

    /// The attempts on which they disagree, up to as many as are kept.
    #[must_use]
    pub fn disagreements(&self) -> &[Disagreement] {
        &self.disagreements
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        write!(f, "agreement {}", number(self.raw()))?;
        write!(f, ", alpha {} of outcomes", number(self.alpha_of_outcomes()))?;
        write!(f, ", {} of values", number(self.alpha_of_values()))?;
        writeln!(f, ", {} disagreements", self.disagreed)?;
        for (grader, unscored) in self.graders.iter().zip(&self.unscored) {
            writeln!(f, "{unscored:>8} unscored by {grader}")?;
        }
        Ok(())
    }
}

fn scored(grade: &Grade) -> Option<&Outcome> {
    Some(&grade.outcome).filter(|outcome| !matches!(outcome, Outcome::Unscored { .. }))
}

/// A number for each kind of outcome, because ratings are numbers.
fn kind(outcome: &Outcome) -> f64 {
    match outcome {
        Outcome::Correct => 1.0,
        Outcome::Wrong => 2.0,
        Outcome::NoAnswer => 3.0,
        Outcome::Malformed => 4.0,
        _ => 5.0,
    }
}
