//! The few figures of an attempt that are kept.

use std::collections::BTreeMap;

use offseeker_trajectory::{Answer, Grade, QuestionId, StopReason, Trajectory, TrajectoryId};

use crate::rewards::{answer, calls_of, turns, words};

/// How often the same call is made before an attempt goes in circles.
const CIRCLES: u32 = 3;

/// The few figures of an attempt that are kept.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) attempt: TrajectoryId,
    pub(super) question: QuestionId,
    pub(super) value: Option<f64>,
    pub(super) answered: bool,
    pub(super) words: usize,
    pub(super) citations: usize,
    pub(super) sentences: usize,
    pub(super) repeats: usize,
    pub(super) calls: usize,
    pub(super) circles: bool,
}

impl Record {
    /// The figures of an attempt; none where it ended through no fault of its own.
    pub(super) fn of(attempt: &Trajectory, grade: &Grade) -> Option<Self> {
        if attempt.stop.as_ref().is_some_and(StopReason::is_infrastructure) {
            return None;
        }
        let said = answer(attempt).unwrap_or_default();
        let mut same: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        let mut calls = 0;
        for call in turns(attempt).flat_map(|(_, node)| calls_of(node)) {
            calls += 1;
            *same.entry((&call.name, call.arguments.trim())).or_default() += 1;
        }
        let in_circles = attempt.stop == Some(StopReason::Loop) || same.values().any(|times| *times >= CIRCLES);
        Some(Self {
            attempt: attempt.id.clone(),
            question: attempt.question.id.clone(),
            value: grade.value,
            answered: !said.is_empty(),
            words: words(said),
            citations: citations(said),
            sentences: sentences(said),
            repeats: repeats(said, &attempt.question.answers),
            calls,
            circles: in_circles,
        })
    }

    pub(super) fn citations_per_sentence(&self) -> f64 {
        self.citations as f64 / self.sentences.max(1) as f64
    }
}

/// Places that are referred to, of whatever kind: links, `<cite ..>`.
fn citations(text: &str) -> usize {
    text.matches("](http").count() + text.matches("<cite ").count()
}

fn sentences(text: &str) -> usize {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '\n');
    // The dots of addresses end nothing, so an end has to be followed by white space or by nothing.
    let mut count = 0;
    let mut rest = text;
    while let Some(at) = rest.find(ends) {
        let end = rest[at..].chars().next().map_or(1, char::len_utf8);
        let after = &rest[at + end..];
        let wide = rest[at..].starts_with(['。', '！', '？', '\n']);
        if (wide || after.is_empty() || after.starts_with(char::is_whitespace))
            && rest[..at].chars().any(char::is_alphanumeric)
        {
            count += 1;
        }
        rest = after;
    }
    count.max(usize::from(!text.is_empty()))
}

/// How often the most frequent spelling of a right answer is said.
fn repeats(text: &str, answers: &[Answer]) -> usize {
    let text = text.to_lowercase();
    let spellings = answers.iter().flat_map(Answer::spellings).map(str::to_lowercase);
    let times =
        spellings.filter(|spelling| !spelling.trim().is_empty()).map(|spelling| text.matches(&spelling).count());
    times.max().unwrap_or_default()
}
