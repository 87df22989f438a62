//! The list of attempts: what is shown of each before it is opened.

use std::collections::{HashMap, HashSet};

use offseeker_trajectory::{Origin, QuestionId, Trajectory, TrajectoryId};
use serde::Serialize;

use crate::Shown;
use crate::names::Names;

/// The most characters of a question, an answer or another text that stand in the list.
const LONGEST: usize = 300;

/// Column by column, because columns pack better than rows.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Index {
    contestants: Names,
    categories: Names,
    outcomes: Names,
    stops: Names,
    fates: Names,
    questions: Questions,
    rows: Rows,
    #[serde(skip)]
    seen: HashSet<TrajectoryId>,
}

#[derive(Debug, Default, Serialize)]
struct Questions {
    id: Vec<String>,
    text: Vec<String>,
    #[serde(skip)]
    numbers: HashMap<QuestionId, usize>,
}

/// What is shown of each attempt. The numbers of texts are places in the lists of those.
#[derive(Debug, Default, Serialize)]
struct Rows {
    id: Vec<String>,
    question: Vec<usize>,
    attempt: Vec<u32>,
    contestant: Vec<usize>,
    category: Vec<usize>,
    answer: Vec<Option<String>>,
    outcome: Vec<Option<usize>>,
    value: Vec<Option<f64>>,
    stop: Vec<Option<usize>>,
    turns: Vec<u32>,
    calls: Vec<u32>,
    tokens: Vec<u64>,
    fates: Vec<Vec<usize>>,
    /// Why it was dropped.
    reason: Vec<Option<usize>>,
    /// The chunk that it is in, and its place there.
    chunk: Vec<usize>,
    place: Vec<usize>,
    reasons: Names,
}

impl Index {
    /// Whether an attempt is in the list.
    pub(crate) fn has(&self, attempt: &TrajectoryId) -> bool {
        self.seen.contains(attempt)
    }

    /// Adds an attempt that is at a place of a chunk.
    pub(crate) fn add(&mut self, shown: &Shown, chunk: usize, place: usize) {
        let attempt = &shown.trajectory;
        let (grade, (turns, calls)) = (shown.grade(), turns_and_calls(attempt));
        let outcome = grade.map(|grade| self.outcomes.number(grade.outcome.kind()));
        let stop = attempt.stop.as_ref().map(|stop| self.stops.number(stop.kind()));
        let rows = &mut self.rows;
        self.seen.insert(attempt.id.clone());
        rows.id.push(attempt.id.to_string());
        rows.question.push(self.questions.number(attempt));
        rows.attempt.push(attempt.attempt);
        rows.contestant.push(self.contestants.number(&shown.contestant));
        rows.category.push(self.categories.number(&shown.category));
        rows.answer.push(attempt.answer.as_deref().map(beginning));
        rows.outcome.push(outcome);
        rows.value.push(grade.and_then(|grade| grade.value));
        rows.stop.push(stop);
        rows.turns.push(turns);
        rows.calls.push(calls);
        rows.tokens.push(attempt.usage().completion_tokens);
        rows.fates.push(shown.fate.words().into_iter().map(|word| self.fates.number(word)).collect());
        rows.reason.push(shown.fate.dropped.as_ref().map(|drop| rows.reasons.number(&drop.reason)));
        rows.chunk.push(chunk);
        rows.place.push(place);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.id.len()
    }
}

impl Questions {
    fn number(&mut self, attempt: &Trajectory) -> usize {
        let question = &attempt.question;
        let Self { id, text, numbers } = self;
        *numbers.entry(question.id.clone()).or_insert_with(|| {
            id.push(question.id.to_string());
            text.push(beginning(&question.text));
            id.len() - 1
        })
    }
}

/// The beginning of a text.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// How many turns of the model an attempt has, and how many calls they made.
pub(crate) fn turns_and_calls(attempt: &Trajectory) -> (u32, u32) {
    let mut counts = (0, 0);
    for node in attempt.nodes() {
        match &node.origin {
            Origin::Sampled(sampled) if sampled.aside.is_none() && sampled.discarded.is_none() => counts.0 += 1,
            Origin::Observed(_) => counts.1 += 1,
            _ => {}
        }
    }
    counts
}
