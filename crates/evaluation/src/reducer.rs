//! One outcome made of several attempts at a question.

use std::collections::BTreeMap;

use offseeker_trajectory::{Outcome, QuestionId};
use serde::{Deserialize, Serialize};

use crate::Attempted;
use crate::statistics::QuestionOutcomes;

/// How one outcome is made of several attempts at a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reducer {
    /// Right where any attempt is: what somebody would have who can tell which one is.
    BestOf,
    /// That of the answer which most attempts gave, by [`Attempted::same`]; of several such answers that of the earliest
    /// attempt. An attempt without an answer has no vote. Where attempts that gave the same answer were scored differently,
    /// the earliest one that was scored counts.
    Majority,
}

impl Reducer {
    /// One outcome for each question, with the clusters of [`Attempted::by_question`].
    ///
    /// ```
    /// use offseeker_evaluation::statistics::Figures;
    /// use offseeker_evaluation::{Attempted, Reducer};
    /// use offseeker_trajectory::Outcome::{Correct, Wrong};
    /// use offseeker_trajectory::{Question, Trajectory};
    ///
    /// let question = Question::new("Which river?", ["the Orsa"]);
    /// let said = [("orsa", Correct), ("lenne", Wrong), ("orsa", Correct)];
    /// let attempts: Vec<Attempted> = (0..).zip(said).map(|(number, (same, outcome))| Attempted {
    ///     same: Some(same.to_owned()),
    ///     outcome,
    ///     ..Attempted::of(&Trajectory::new(question.clone(), number), "exact@1", &[])
    /// }).collect();
    /// assert_eq!(Figures::of(&Reducer::Majority.outcomes(&attempts, None), &[]).counts.correct, 1);
    /// ```
    #[must_use]
    pub fn outcomes(self, attempts: &[Attempted], cluster: Option<&str>) -> Vec<QuestionOutcomes> {
        let mut by_question: BTreeMap<&QuestionId, Vec<&Attempted>> = BTreeMap::new();
        for attempt in attempts {
            by_question.entry(&attempt.question).or_default().push(attempt);
        }
        let mut questions = Attempted::by_question(attempts, cluster);
        for question in &mut questions {
            let Some(group) = by_question.get_mut(&question.question) else { continue };
            group.sort_by_key(|attempt| attempt.attempt);
            let one = match self {
                Self::BestOf => best(group),
                Self::Majority => majority(group),
            };
            question.outcomes = one.into_iter().cloned().collect();
        }
        questions
    }
}

fn best<'a>(group: &[&'a Attempted]) -> Option<&'a Outcome> {
    let right = group.iter().find(|attempt| attempt.outcome == Outcome::Correct);
    right.map(|attempt| &attempt.outcome).or_else(|| first_scored(group))
}

fn majority<'a>(group: &[&'a Attempted]) -> Option<&'a Outcome> {
    let mut answers: Vec<(&str, Vec<&Attempted>)> = Vec::new();
    for attempt in group {
        let Some(same) = attempt.same.as_deref() else { continue };
        match answers.iter_mut().find(|(known, _)| *known == same) {
            Some((_, voters)) => voters.push(attempt),
            None => answers.push((same, vec![attempt])),
        }
    }
    let most = answers.iter().map(|(_, voters)| voters.len()).max();
    let winner = answers.iter().find(|(_, voters)| Some(voters.len()) == most);
    winner.map_or_else(|| first_scored(group), |(_, voters)| first_scored(voters))
}

/// The outcome of the first attempt that was scored, else of the first.
fn first_scored<'a>(group: &[&'a Attempted]) -> Option<&'a Outcome> {
    let is_scored = |attempt: &&&Attempted| !matches!(attempt.outcome, Outcome::Unscored { .. });
    group.iter().find(is_scored).or(group.first()).map(|attempt| &attempt.outcome)
}
