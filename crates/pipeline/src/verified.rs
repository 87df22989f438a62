//! Whether an attempt checked what its question describes, or was lucky.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::dialect::Dialect;
use offseeker_grading::{GradeError, Grader};
use offseeker_question_synthesis::{Condition, Constraint, Plan, Term};
use offseeker_trajectory::{Grade, Node, Origin, Outcome, QuestionId, Trajectory};

/// `offseeker/verified@1`: whether an attempt stated, in its own words, everything that its question describes something
/// unnamed by. A question that describes nothing leaves nothing to verify, and its attempts are verified.
///
/// For a value that is the value, for a range a number in it, and a tool has to have shown either. Only reasoning counts:
/// what stands in a query or in an answer was not held against anything. It says nothing of whether the answer is right; a
/// lucky guess is one that is right and not verified.
#[derive(Debug, Clone)]
pub struct Verified {
    plans: Arc<HashMap<QuestionId, Plan>>,
    dialect: &'static Dialect,
}

impl Verified {
    /// The name that its grades have.
    pub const NAME: &str = "offseeker/verified@1";

    /// Verifies by the plans of questions what was said in a dialect.
    #[must_use]
    pub fn new(plans: HashMap<QuestionId, Plan>, dialect: &'static Dialect) -> Self {
        Self { plans: Arc::new(plans), dialect }
    }

    /// The plan of a question.
    #[must_use]
    pub fn plan(&self, question: &QuestionId) -> Option<&Plan> {
        self.plans.get(question)
    }

    /// What the model said to itself.
    fn reasoning(&self, attempt: &Trajectory) -> Vec<String> {
        let turns = attempt.nodes().iter().filter(|node| node.as_sampled().is_some() && !Node::is_discarded(node));
        turns
            .filter_map(|node| {
                let own = node.message.reasoning.clone();
                let turn = self.dialect.parse(&node.message.content);
                // What stands outside of tags is said too.
                own.or_else(|| Some(format!("{} {}", turn.reasoning.unwrap_or_default(), turn.text)))
            })
            .collect()
    }
}

#[async_trait]
impl Grader for Verified {
    fn name(&self) -> &str {
        Self::NAME
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let Some(plan) = self.plans.get(&attempt.question.id) else {
            return Ok(Grade::unscored(Self::NAME, "the plan of the question is not known"));
        };
        let (said, seen) = (self.reasoning(attempt).join("\n"), observations(attempt).join("\n"));
        let missing = wanted(plan).iter().filter(|it| !it.is_stated(&said, &seen)).count();
        let (outcome, value) = if missing == 0 { (Outcome::Correct, 1.0) } else { (Outcome::Wrong, 0.0) };
        Ok(Grade::scored(Self::NAME, outcome, value))
    }
}

/// What tools showed.
fn observations(attempt: &Trajectory) -> Vec<&str> {
    let observed = attempt.nodes().iter().filter(|node| matches!(node.origin, Origin::Observed(_)));
    observed.map(|node| node.message.content.as_str()).collect()
}

/// What has to be stated of something that is described.
#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Text(String),
    Between(f64, f64),
}

/// What a plan describes something unnamed by. A relation describes nothing; it is followed.
fn wanted(plan: &Plan) -> Vec<Wanted> {
    plan.clues.iter().filter_map(|clue| described(&clue.says)).collect()
}

/// Whether a plan describes something that it does not name.
pub(crate) fn describes(plan: &Plan) -> bool {
    !wanted(plan).is_empty()
}

fn described(says: &Constraint) -> Option<Wanted> {
    match says {
        Constraint::Field { of: Term::Variable(_), is: Condition::Is { value }, .. } => {
            Some(Wanted::Text(value.clone()))
        }
        Constraint::Field { of: Term::Variable(_), is: Condition::Between { least, most }, .. } => {
            Some(Wanted::Between(*least, *most))
        }
        _ => None,
    }
}

impl Wanted {
    /// Whether it was said, and a tool showed it.
    fn is_stated(&self, said: &str, seen: &str) -> bool {
        match self {
            Self::Text(text) => [said, seen].iter().all(|it| it.to_lowercase().contains(&text.to_lowercase())),
            Self::Between(least, most) => {
                let shown: Vec<f64> = numbers(seen).collect();
                numbers(said).any(|number| (*least..=*most).contains(&number) && shown.contains(&number))
            }
        }
    }
}

/// The numbers that stand in a text.
fn numbers(text: &str) -> impl Iterator<Item = f64> + '_ {
    text.split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .filter_map(|word| word.trim_matches('.').parse().ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
