//! The facts of an attempt that figures and breakdowns go by.

use std::collections::BTreeMap;

use offseeker_trajectory::{CallStatus, Node, Origin, Outcome, QuestionId, Role, StopReason, Trajectory, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::confidence::stated;
use crate::statistics::QuestionOutcomes;

/// The facts of an attempt that figures and breakdowns go by. It holds no text of the question or the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempted {
    /// The question.
    pub question: QuestionId,
    /// Which attempt at the question it is, from nought.
    pub attempt: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it ended; none where it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopReason>,
    /// What the set says of the question, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How often each tool was called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calls: BTreeMap<String, u64>,
    /// How many turns the model took, without those that were thrown away or beside the attempt.
    #[serde(default)]
    pub turns: u64,
    /// How many calls a guard forbade.
    #[serde(default)]
    pub blocked: u64,
    /// How sure it was of its answer, from 0 to 1, where it [says](crate::confidence::stated) so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// What its answer shares with those at the same question that are the same; none where it has none, or where nobody
    /// looked. Two runs are not comparable by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same: Option<String>,
    /// What all replies cost together.
    pub usage: Usage,
}

impl Attempted {
    /// The facts of an attempt, with the outcome that a grader gave it; the last one, where it has several.
    ///
    /// Without a grade of that grader it is unscored. Labels are the fields of the question's metadata that are named.
    #[must_use]
    pub fn of(attempt: &Trajectory, grader: &str, labels: &[&str]) -> Self {
        let grade = attempt.grades.iter().rev().find(|grade| grade.grader == grader);
        let not_graded = || Outcome::Unscored { reason: format!("{grader} has not graded it") };
        Self {
            question: attempt.question.id.clone(),
            attempt: attempt.attempt,
            outcome: grade.map_or_else(not_graded, |grade| grade.outcome.clone()),
            stop: attempt.stop.clone(),
            labels: labels.iter().filter_map(|name| Some(((*name).to_owned(), label(attempt, name)?))).collect(),
            calls: calls(attempt),
            turns: turns(attempt).count() as u64,
            blocked: attempt.nodes().iter().filter(|node| is_blocked(node)).count() as u64,
            confidence: confidence(attempt),
            same: None,
            usage: attempt.usage(),
        }
    }

    /// Gathers attempts by question; with `cluster`, questions of which that label is the same hang together.
    #[must_use]
    pub fn by_question(attempts: &[Self], cluster: Option<&str>) -> Vec<QuestionOutcomes> {
        let mut questions: BTreeMap<&QuestionId, Vec<&Self>> = BTreeMap::new();
        for attempt in attempts {
            questions.entry(&attempt.question).or_default().push(attempt);
        }
        let gathered = questions.into_iter().map(|(id, mut attempts)| {
            attempts.sort_by_key(|attempt| attempt.attempt);
            let cluster = attempts.iter().find_map(|attempt| attempt.labels.get(cluster?).cloned());
            let outcomes = attempts.iter().map(|attempt| attempt.outcome.clone()).collect();
            QuestionOutcomes { question: id.clone(), cluster, outcomes }
        });
        gathered.collect()
    }
}

/// What the model said in the attempt itself, in its order.
fn turns(attempt: &Trajectory) -> impl Iterator<Item = &Node> {
    let is_turn = |node: &&Node| node.as_sampled().is_some_and(|it| it.discarded.is_none() && it.aside.is_none());
    attempt.nodes().iter().filter(is_turn)
}

fn is_blocked(node: &Node) -> bool {
    matches!(&node.origin, Origin::Observed(observed) if observed.status == CallStatus::Blocked)
}

/// What the answer says of its own confidence, else what the last message says.
fn confidence(attempt: &Trajectory) -> Option<f64> {
    let answer = attempt.answer.as_deref()?;
    stated(answer).or_else(|| stated(&turns(attempt).last()?.message.content))
}

fn label(attempt: &Trajectory, name: &str) -> Option<String> {
    match attempt.question.metadata.get(name)? {
        Value::String(text) => Some(text.clone()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// How often each tool answered.
fn calls(attempt: &Trajectory) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for node in attempt.nodes().iter().filter(|node| matches!(node.origin, Origin::Observed(_))) {
        if let Some(name) = tool(attempt, node) {
            *calls.entry(name.to_owned()).or_default() += 1;
        }
    }
    calls
}

/// The tool that answered: what the message is named for, else the call in that place of the turn before it.
fn tool<'a>(attempt: &'a Trajectory, answer: &'a Node) -> Option<&'a str> {
    if let Some(name) = answer.message.name.as_deref().filter(|_| answer.message.role == Role::Tool) {
        return Some(name);
    }
    let (mut number, mut before) = (0, attempt.node(answer.parent?)?);
    while matches!(before.origin, Origin::Observed(_)) {
        (number, before) = (number + 1, attempt.node(before.parent?)?);
    }
    before.as_sampled()?.calls.get(number).map(|call| call.name.as_str())
}
