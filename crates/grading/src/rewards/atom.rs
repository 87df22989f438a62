//! Atom-Searcher: how good the pieces are that a model divides its reasoning into.

use std::fmt::Write;

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Message, NodeId, Span, Trajectory};

use super::prompts::ATOM;
use super::reply::{asked, listed, number, numbered, object_of};
use super::turns::{MOST_SHOWN, clipped, measured, turns, unfit};
use crate::{GradeError, Grader, Judge, Prompt, StepGrader};

/// The most pieces of an attempt that are judged: the first so many.
const MOST_ATOMS: usize = 128;

/// The most tags of one reasoning that are never closed; what comes after more of them is not read.
const MOST_UNCLOSED: usize = 64;

/// The most pieces that a judge is shown at once.
const AT_ONCE: usize = 32;

/// A piece of reasoning between tags that its writer chose: `<HYPOTHESIS_TESTING>..</HYPOTHESIS_TESTING>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// The tag: `HYPOTHESIS_TESTING`.
    pub kind: String,
    /// What stands between its tags.
    pub text: String,
}

/// The pieces of the reasoning in a message, in order; one within another belongs to that.
///
/// A tag is in capitals. Reasoning is what a server handed over as such, and what stands between `<think>` and `</think>`.
#[must_use]
pub fn atoms(message: &Message) -> Vec<Atom> {
    let mut found = Vec::new();
    if let Some(reasoning) = &message.reasoning {
        atoms_in(reasoning, &mut found);
    }
    let mut rest = message.content.as_str();
    while let Some((_, inner)) = rest.split_once("<think>") {
        let end = inner.find("</think>").unwrap_or(inner.len());
        atoms_in(&inner[..end], &mut found);
        rest = &inner[end..];
    }
    found
}

fn atoms_in(reasoning: &str, found: &mut Vec<Atom>) {
    // Tags that nothing closes from here on, so that the end of the text is not looked for again and again.
    let mut unclosed: Vec<&str> = Vec::new();
    let mut rest = reasoning;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let kind: &str = &rest[..rest.bytes().take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_').count()];
        let Some(inner) = rest[kind.len()..].strip_prefix('>').filter(|_| !kind.is_empty()) else { continue };
        let close = format!("</{kind}>");
        if unclosed.contains(&kind) {
            continue;
        }
        let Some(end) = inner.find(&close) else {
            unclosed.push(kind);
            if unclosed.len() > MOST_UNCLOSED {
                return;
            }
            continue;
        };
        if found.len() >= MOST_ATOMS {
            return;
        }
        found.push(Atom { kind: kind.to_owned(), text: inner[..end].trim().to_owned() });
        rest = &inner[end + close.len()..];
    }
}

/// `atom-searcher/atr`: the mean over all pieces of reasoning of what a judge gives each, from 0 to 1.
///
/// Each turn has the mean of its own pieces among the spans. Reasoning that is not divided is worth nought. How the
/// system adds its pieces up was not published; the mean is our reading.
#[derive(Debug, Clone)]
pub struct AtomicThought {
    judge: Judge,
    /// The prompt; fills in `question`, `pieces` and `keys`.
    pub prompt: Prompt,
}

impl AtomicThought {
    /// Asks this judge.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self { judge, prompt: ATOM.prompt() }
    }

    async fn scores(
        &self,
        question: &str,
        atoms: &[(NodeId, Atom)],
    ) -> Result<Result<Vec<f64>, Box<Grade>>, GradeError> {
        let keys = numbered("A", atoms.len());
        let mut pieces = String::new();
        for (key, (_, atom)) in keys.iter().zip(atoms) {
            let _ = writeln!(pieces, "{key} ({}): {}\n", atom.kind, clipped(&atom.text, MOST_SHOWN / atoms.len()));
        }
        let values = [("question", question), ("pieces", pieces.trim_end()), ("keys", &listed(&keys))];
        let read = |reply: &str| {
            let fields = object_of(reply, &keys)?;
            keys.iter().map(|key| number(&fields, key, 0.0, 1.0)).collect()
        };
        asked(&self.judge, self.name(), &self.prompt, &values, 0, read).await
    }
}

/// One span for each node, with the mean of its scores.
fn spans_of(atoms: &[(NodeId, Atom)], scores: &[f64]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let both: Vec<(NodeId, f64)> = atoms.iter().map(|(node, _)| *node).zip(scores.iter().copied()).collect();
    for of_node in both.chunk_by(|(left, _), (right, _)| left == right) {
        let value = of_node.iter().map(|(_, score)| score).sum::<f64>() / of_node.len() as f64;
        spans.push(Span { node: of_node[0].0, value, note: format!("{} pieces", of_node.len()) });
    }
    spans
}

/// `atom-searcher/step`: the mean over the pieces of one turn; none where its reasoning is not divided.
#[derive(Debug, Clone)]
pub struct AtomicStep(AtomicThought);

impl AtomicStep {
    /// Asks this judge.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self(AtomicThought::new(judge))
    }
}

#[async_trait]
impl StepGrader for AtomicStep {
    fn name(&self) -> &str {
        "atom-searcher/step@1"
    }

    async fn grade(&self, attempt: &Trajectory, step: NodeId) -> Result<Option<Span>, GradeError> {
        let Some((_, node)) = turns(attempt).find(|(id, _)| *id == step) else { return Ok(None) };
        let pieces: Vec<(NodeId, Atom)> =
            atoms(&node.message).into_iter().take(AT_ONCE).map(|atom| (step, atom)).collect();
        if pieces.is_empty() {
            return Ok(None);
        }
        let scores = self.0.scores(&attempt.question.text, &pieces).await?;
        Ok(scores.ok().and_then(|scores| spans_of(&pieces, &scores).pop()))
    }
}

#[async_trait]
impl Grader for AtomicThought {
    fn name(&self) -> &str {
        "atom-searcher/atr@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let all = turns(attempt).flat_map(|(id, node)| atoms(&node.message).into_iter().map(move |atom| (id, atom)));
        let all: Vec<(NodeId, Atom)> = all.take(MOST_ATOMS).collect();
        let mut scores = Vec::with_capacity(all.len());
        for some in all.chunks(AT_ONCE) {
            match self.scores(&attempt.question.text, some).await? {
                Ok(more) => scores.extend(more),
                Err(unscored) => return Ok(*unscored),
            }
        }
        let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
        let mut grade = measured(self.name(), attempt, mean);
        grade.components.insert("pieces".to_owned(), all.len() as f64);
        grade.spans = spans_of(&all, &scores);
        Ok(grade)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
