//! A question of a benchmark, with what its set says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use offseeker_trajectory::{Answer, Question, QuestionId};
use serde_json::Value;

use super::seal::{Seal, close};

/// A question of a benchmark, with what its set says of it.
///
/// It cannot be serialised, so that no question of a sealed set comes into a file by accident: who wants to write one
/// says [`to_keep`](Self::to_keep). The debug form of a sealed one shows its id alone.
#[derive(Clone, PartialEq)]
pub struct Task {
    question: Question,
    seal: Option<Seal>,
    /// What the set says of the question, by name: `level`, `topic`, `hops`; the keys of a breakdown.
    pub labels: BTreeMap<String, String>,
    /// The files that belong to the question, by name.
    pub files: Vec<String>,
    /// The text by which the set can be found in training data.
    pub canary: Option<String>,
    /// The documents that hold the answer, where the set names them.
    pub gold: BTreeSet<String>,
    /// The documents that help towards it, where the set names them.
    pub evidence: BTreeSet<String>,
}

impl Task {
    /// A question that anybody may see.
    #[must_use]
    pub fn new(question: Question) -> Self {
        Self {
            question,
            seal: None,
            labels: BTreeMap::new(),
            files: Vec::new(),
            canary: None,
            gold: BTreeSet::new(),
            evidence: BTreeSet::new(),
        }
    }

    /// A question that was decrypted, marked as such.
    #[must_use]
    pub fn sealed(mut question: Question, seal: Seal) -> Self {
        seal.mark(&mut question.metadata, false);
        Self { canary: Some(seal.canary.clone()), seal: Some(seal), ..Self::new(question) }
    }

    /// Names the question.
    #[must_use]
    pub fn id(&self) -> &QuestionId {
        &self.question.id
    }

    /// Whether the set is spread encrypted, so that nothing of it may be written in clear.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// The question in clear, as an agent and a grader need it.
    #[must_use]
    pub fn in_clear(&self) -> &Question {
        &self.question
    }

    /// The question as it may be written into a file: encrypted, where the set is sealed.
    #[must_use]
    pub fn to_keep(&self) -> Question {
        close(&self.question)
    }

    /// What a hash of the set goes by: the id, and all spellings of the answers.
    pub(super) fn pinned(&self) -> (&str, Vec<&str>) {
        (self.question.id.as_str(), self.question.answers.iter().flat_map(Answer::spellings).collect())
    }

    /// Writes what is known into the metadata of the question, so that it goes with every attempt.
    pub(super) fn labelled(mut self, benchmark: &str) -> Self {
        let metadata = &mut self.question.metadata;
        metadata.insert("benchmark".to_owned(), Value::from(benchmark));
        for (name, value) in &self.labels {
            metadata.insert(name.clone(), Value::from(value.as_str()));
        }
        if let Some(canary) = &self.canary {
            metadata.insert("canary".to_owned(), Value::from(canary.as_str()));
        }
        if !self.files.is_empty() {
            metadata.insert("files".to_owned(), Value::from(self.files.clone()));
        }
        self
    }

    /// Takes in a label, where there is one.
    pub(super) fn label(mut self, name: &str, value: Option<String>) -> Self {
        self.labels.extend(value.map(|value| (name.to_owned(), value)));
        self
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Task");
        shown.field("id", &self.question.id);
        if self.is_sealed() {
            return shown.field("question", &format_args!("sealed")).finish_non_exhaustive();
        }
        shown.field("question", &self.question).field("labels", &self.labels).field("files", &self.files);
        shown.finish_non_exhaustive()
    }
}
