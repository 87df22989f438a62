//! The reward for a chain of evidence.

use std::fmt::Write;

use async_trait::async_trait;
use offseeker_trajectory::{Evidence, Grade, NodeId, Question, Trajectory};

use super::connect::{connected, rubric_reward};
use super::entities::{Names, entities_of, filled, read_names};
use super::support::{read_support, shown};
use super::{CITED_AT_MOST, Seen, citations, without_references};
use crate::rewards::prompts::{CARR_ENTITIES, CARR_SUPPORT};
use crate::rewards::reply::{asked, listed, numbered};
use crate::rewards::turns::{MOST_SHOWN, answer, clipped, measured, unfit};
use crate::{GradeError, Grader, Judge, Prompt};

/// The share of a question's rubrics that an answer names, cites and ties to itself.
///
/// Rubrics are read from the question's metadata: `rubrics`, an array of texts. What the system makes nought of (no
/// answer, nothing that is cited was seen) is nought here; where it does so because its judge could not be read in five
/// tries, the grade has no value here.
#[derive(Debug, Clone)]
pub struct CarrRubrics {
    name: &'static str,
    judge: Judge,
    tied: bool,
    /// The prompt for the names; fills in `question`, `statements`, `reply` and `entities`.
    pub entities: Prompt,
    /// The prompt for what is borne out; fills in `texts`, `statements` and `keys`.
    pub support: Prompt,
    /// The most bytes of what was seen that the judge is shown. 96 KiB.
    pub most_shown: usize,
}

impl CarrRubrics {
    /// `carr/rubrics`: only what hangs together with the answer counts.
    #[must_use]
    pub fn new(mut judge: Judge) -> Self {
        judge.tries = 5;
        Self {
            name: "carr/rubrics@1",
            judge,
            tied: true,
            entities: CARR_ENTITIES.prompt(),
            support: CARR_SUPPORT.prompt(),
            most_shown: MOST_SHOWN,
        }
    }

    /// `carr/rubrics-nobfs`: all that is borne out counts, tied to the answer or not.
    #[must_use]
    pub fn untied(judge: Judge) -> Self {
        Self { name: "carr/rubrics-nobfs@1", tied: false, ..Self::new(judge) }
    }

    async fn names(
        &self,
        question: &str,
        rubrics: &[String],
        reply: &str,
    ) -> Result<Result<Names, Box<Grade>>, GradeError> {
        let expected = entities_of(&rubrics.join("\n"));
        if expected.is_empty() {
            return Ok(Ok(Names::new()));
        }
        let (statements, reply) = (rubrics.join("\n"), clipped(reply, MOST_SHOWN));
        let keys = listed(&expected);
        let values =
            [("question", question), ("statements", &statements), ("reply", &reply), ("entities", keys.as_str())];
        asked(&self.judge, self.name, &self.entities, &values, 0, |reply| read_names(reply, &expected)).await
    }

    /// Which of the rubrics are borne out; those that could not be filled in are not.
    async fn supported(
        &self,
        statements: &[Option<String>],
        texts: &str,
    ) -> Result<Result<Vec<bool>, Box<Grade>>, GradeError> {
        let whole: Vec<&str> = statements.iter().flatten().map(String::as_str).collect();
        if whole.is_empty() {
            return Ok(Ok(vec![false; statements.len()]));
        }
        let keys = numbered("S", whole.len());
        let mut lines = String::new();
        for (key, statement) in keys.iter().zip(&whole) {
            let _ = writeln!(lines, "{key}: {statement}");
        }
        let values = [("texts", texts), ("statements", lines.trim_end()), ("keys", &listed(&keys))];
        let said = asked(&self.judge, self.name, &self.support, &values, 0, |reply| read_support(reply, &keys)).await?;
        Ok(said.map(|said| {
            let mut said = said.into_iter();
            statements.iter().map(|statement| statement.is_some() && said.next().unwrap_or(false)).collect()
        }))
    }
}

/// The rubrics of a question, or why there are none.
fn rubrics_of(question: &Question) -> Result<Vec<String>, String> {
    let rubrics = question.metadata.get("rubrics").ok_or("the question has no rubrics in its metadata")?;
    let texts: Option<Vec<String>> =
        rubrics.as_array().and_then(|all| all.iter().map(|rubric| rubric.as_str().map(str::to_owned)).collect());
    texts.filter(|texts| !texts.is_empty()).ok_or_else(|| "the question's rubrics are no array of texts".to_owned())
}

#[async_trait]
impl Grader for CarrRubrics {
    fn name(&self) -> &str {
        self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name, attempt) {
            return Ok(unfit);
        }
        let rubrics = match rubrics_of(&attempt.question) {
            Ok(rubrics) => rubrics,
            Err(reason) => return Ok(Grade::unscored(self.name, reason)),
        };
        let Some(reply) = answer(attempt) else { return Ok(measured(self.name, attempt, 0.0)) };
        let seen = Seen::by(attempt);
        let reply = without_references(reply);
        let cited = citations(&reply);
        let passages = passages(&seen, &cited);
        if passages.is_empty() {
            return Ok(counted(measured(self.name, attempt, 0.0), &cited, &passages));
        }
        let names = match self.names(&attempt.question.text, &rubrics, &reply).await? {
            Ok(names) => names,
            Err(unscored) => return Ok(*unscored),
        };
        let statements: Vec<Option<String>> = rubrics.iter().map(|rubric| filled(rubric, &names)).collect();
        let texts: Vec<(&str, &str)> =
            passages.iter().map(|passage| (passage.address.as_str(), passage.text.as_str())).collect();
        let supported = match self.supported(&statements, &shown(&texts, self.most_shown)).await? {
            Ok(supported) => supported,
            Err(unscored) => return Ok(*unscored),
        };
        let mentions: Vec<_> = rubrics.iter().map(|rubric| entities_of(rubric)).collect();
        let counts = if self.tied { connected(&mentions, &supported) } else { supported.clone() };
        let named: Vec<bool> = statements.iter().map(Option::is_some).collect();
        let mut grade = counted(measured(self.name, attempt, rubric_reward(&counts)), &cited, &passages);
        let shares = [("named", rubric_reward(&named)), ("supported", rubric_reward(&supported))];
        grade.components.extend(shares.map(|(name, share)| (name.to_owned(), share)));
        let node = if let [only] = passages.as_slice() { only.node } else { None };
        let counting = statements.into_iter().zip(counts).filter(|(_, counts)| *counts);
        let claims = counting.filter_map(|(statement, _)| statement);
        grade.evidence = claims.map(|claim| Evidence { claim, node, quote: String::new() }).collect();
        Ok(grade)
    }
}

/// What was seen at a cited place.
struct Passage {
    address: String,
    text: String,
    node: Option<NodeId>,
}

/// What was seen at the first so many cited places at which anything was.
fn passages(seen: &Seen<'_>, cited: &[String]) -> Vec<Passage> {
    let seen_there = cited.iter().filter_map(|address| {
        let parts: Vec<(NodeId, &str)> = seen.at(address).filter(|(_, text)| !text.trim().is_empty()).collect();
        let node = parts.first().map(|(node, _)| *node)?;
        let text = parts.iter().map(|(_, text)| text.trim()).collect::<Vec<_>>().join("\n");
        Some(Passage { address: address.clone(), text, node: (parts.len() == 1).then_some(node) })
    });
    seen_there.take(CITED_AT_MOST).collect()
}

fn counted(mut grade: Grade, cited: &[String], passages: &[Passage]) -> Grade {
    grade.components.insert("cited".to_owned(), cited.len() as f64);
    grade.components.insert("cited_and_seen".to_owned(), passages.len() as f64);
    grade
}
