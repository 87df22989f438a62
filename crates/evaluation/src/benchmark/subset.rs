//! Parts of a benchmark that can be named, and are the same each time.

use std::collections::BTreeSet;

use offseeker_trajectory::QuestionId;
use serde::{Deserialize, Serialize};

use super::{BenchmarkError, Task};

/// Which questions of a benchmark are asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subset {
    /// All of them.
    #[default]
    All,
    /// Those with these ids, in the order of the set.
    Ids {
        /// The ids.
        ids: BTreeSet<QuestionId>,
    },
    /// The first so many of the file.
    First {
        /// How many.
        count: usize,
    },
    /// So many, drawn by a seed, in the order of the set.
    ///
    /// Whether a question is drawn depends on its id and the seed, not on its place; a larger sample holds the smaller
    /// one of the same seed.
    Sample {
        /// How many.
        count: usize,
        /// The seed.
        seed: u64,
    },
    /// Those without files.
    WithoutFiles,
}

impl Subset {
    pub(super) fn of(&self, tasks: &[Task]) -> Result<Vec<Task>, BenchmarkError> {
        Ok(match self {
            Self::All => tasks.to_vec(),
            Self::Ids { ids } => with_ids(tasks, ids)?,
            Self::First { count } => tasks.iter().take(*count).cloned().collect(),
            Self::Sample { count, seed } => kept(tasks, &drawn(tasks, *count, *seed)),
            Self::WithoutFiles => tasks.iter().filter(|task| task.files.is_empty()).cloned().collect(),
        })
    }
}

fn with_ids(tasks: &[Task], ids: &BTreeSet<QuestionId>) -> Result<Vec<Task>, BenchmarkError> {
    let there: BTreeSet<&QuestionId> = tasks.iter().map(Task::id).collect();
    let mut missing = ids.iter().filter(|id| !there.contains(id));
    match missing.next() {
        Some(first) => Err(BenchmarkError::Unknown { count: 1 + missing.count(), first: first.to_string() }),
        None => Ok(kept(tasks, &ids.iter().collect())),
    }
}

fn kept(tasks: &[Task], ids: &BTreeSet<&QuestionId>) -> Vec<Task> {
    tasks.iter().filter(|task| ids.contains(task.id())).cloned().collect()
}

/// The ids with the smallest hashes under the seed.
fn drawn(tasks: &[Task], count: usize, seed: u64) -> BTreeSet<&QuestionId> {
    let place = |id: &QuestionId| {
        let mut hash = blake3::Hasher::new();
        hash.update(&seed.to_le_bytes());
        hash.update(id.as_str().as_bytes());
        *hash.finalize().as_bytes()
    };
    let mut ids: Vec<_> = tasks.iter().map(|task| (place(task.id()), task.id())).collect();
    ids.sort_unstable();
    ids.into_iter().take(count).map(|(_, id)| id).collect()
}
