//! Benchmarks: questions with known answers, read from a file that the user has.

mod browsecomp;
mod error;
mod format;
mod frames;
mod gaia;
mod hle;
mod plain;
mod qrels;
mod row;
mod rows;
mod seal;
mod search_r1;
mod subset;
mod task;
mod webwalker;
mod xbench;

use std::collections::{BTreeMap, BTreeSet};

use offseeker_trajectory::{Question, QuestionId, content_id};

pub use error::BenchmarkError;
pub use format::Format;
pub use offseeker_trajectory::{Cipher, is_exposed};
pub use qrels::read_qrels;
pub use seal::{Seal, SealError, close, open};
#[cfg(feature = "runs")]
pub(crate) use seal::{changed_metadata, seal_of};
pub use subset::Subset;
pub use task::Task;

/// A benchmark, or a part of one: questions with known answers.
///
/// It cannot be serialised, and the debug form of a [sealed](Seal) one shows no question and no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Benchmark {
    /// Names the set: `gaia`.
    pub id: String,
    /// The questions, in the order of the file; each id once.
    pub tasks: Vec<Task>,
}

impl Benchmark {
    /// Questions that anybody may see, as a benchmark.
    ///
    /// # Errors
    ///
    /// When two of them have one id.
    pub fn of(id: impl Into<String>, questions: impl IntoIterator<Item = Question>) -> Result<Self, BenchmarkError> {
        let tasks: Vec<Task> = questions.into_iter().map(Task::new).collect();
        let mut known = BTreeSet::new();
        match tasks.iter().find(|task| !known.insert(task.id())) {
            Some(again) => Err(BenchmarkError::Again { id: again.id().to_string() }),
            None => Ok(Self { id: id.into(), tasks }),
        }
    }

    /// The texts of the documents that hold the answers, question by question: the gold ones where the set names them, else
    /// those that help. A question of which no document is known, or of one of them no text, is left out.
    #[must_use]
    pub fn documents(&self, text: impl Fn(&str) -> Option<String>) -> BTreeMap<QuestionId, Vec<String>> {
        let of = |task: &Task| {
            let ids = if task.gold.is_empty() { &task.evidence } else { &task.gold };
            let texts: Vec<String> = ids.iter().map(|id| text(id)).collect::<Option<_>>()?;
            (!texts.is_empty()).then(|| (task.id().clone(), texts))
        };
        self.tasks.iter().filter_map(of).collect()
    }

    /// Names this very list of questions: the content id of the ids with all spellings of the answers, sorted by id.
    ///
    /// It does not depend on the order of the questions. Figures are comparable only where it is the same.
    ///
    /// ```
    /// use offseeker_evaluation::{Benchmark, Task};
    /// use offseeker_trajectory::Question;
    ///
    /// let task = |text: &str| Task::new(Question::new(text, ["the Orsa"]));
    /// let set = |tasks: Vec<Task>| Benchmark { id: "rivers".to_owned(), tasks };
    /// let one = set(vec![task("Which river?"), task("Which other river?")]);
    /// let turned = set(vec![task("Which other river?"), task("Which river?")]);
    /// assert_eq!(one.hash(), turned.hash());
    /// ```
    #[must_use]
    pub fn hash(&self) -> String {
        let mut lines: Vec<(&str, Vec<&str>)> = self.tasks.iter().map(Task::pinned).collect();
        lines.sort_unstable();
        content_id(&lines).expect("lists of texts have a canonical form")
    }

    /// The same benchmark, where it still is the one that this hash names.
    ///
    /// # Errors
    ///
    /// When a question or an answer was added, changed or taken away since.
    pub fn pinned_to(self, hash: &str) -> Result<Self, BenchmarkError> {
        let found = self.hash();
        if found == hash {
            return Ok(self);
        }
        Err(BenchmarkError::Changed { id: self.id, expected: hash.to_owned(), found })
    }

    /// Some of the questions.
    ///
    /// # Errors
    ///
    /// When an id is named that no question has.
    pub fn subset(&self, subset: &Subset) -> Result<Self, BenchmarkError> {
        Ok(Self { id: self.id.clone(), tasks: subset.of(&self.tasks)? })
    }

    /// The question with an id.
    #[must_use]
    pub fn task(&self, id: &QuestionId) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id() == id)
    }

    /// Takes gold documents from judgements of relevance, as [`read_qrels`] gives them.
    #[must_use]
    pub fn with_gold(mut self, judgements: &BTreeMap<QuestionId, BTreeSet<String>>) -> Self {
        for task in &mut self.tasks {
            if let Some(documents) = judgements.get(task.id()) {
                task.gold.clone_from(documents);
            }
        }
        self
    }
}
