//! Checks in the graph that there is exactly one answer.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Draft, Ground, Pass, Rejection, Unique};

const NAME: &str = "unique_in_graph";

/// Lets drafts through that have exactly one answer in the graph: the one that was planned.
#[derive(Debug, Clone)]
pub struct UniqueInGraph {
    ground: Arc<Ground>,
}

impl UniqueInGraph {
    /// Checks by what a graph says.
    #[must_use]
    pub fn new(ground: Arc<Ground>) -> Self {
        Self { ground }
    }
}

#[async_trait]
impl Pass for UniqueInGraph {
    fn name(&self) -> &str {
        NAME
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let solutions = self.ground.solve(&draft.plan, 3);
        match solutions.is_only(&draft.plan.answer.text) {
            Some(true) => {
                draft.checks.unique = Some(Unique { looked_at: solutions.looked_at });
                Ok(draft)
            }
            Some(false) => {
                let answers: Vec<&str> = solutions.answers.iter().map(|found| found.answer.as_str()).collect();
                let reason = format!("in the graph the clues lead to: {}", answers.join("; "));
                Err(Rejection::rejected(NAME, "not_unique", reason))
            }
            None => Err(Rejection::undetermined(NAME, "gave_up", "there were too many candidates to look at")),
        }
    }
}
