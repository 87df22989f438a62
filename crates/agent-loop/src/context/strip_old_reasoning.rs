//! Leaves the reasoning of old turns out.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::passage::{Kind, message, passages};
use super::{ContextPolicy, Part, said};
use crate::{Desk, Halt};

/// Leaves the reasoning of old turns out, as the templates of many chat models do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StripOldReasoning {
    /// So many last turns keep their reasoning.
    pub keep: usize,
}

impl Default for StripOldReasoning {
    /// Keeps the reasoning of the last turn.
    fn default() -> Self {
        Self { keep: 1 }
    }
}

#[async_trait]
impl ContextPolicy for StripOldReasoning {
    fn name(&self) -> &str {
        "strip-old-reasoning"
    }

    fn settings(&self) -> Value {
        json!({"keep": self.keep})
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let passages = passages(desk);
        let turns = passages.iter().filter(|passage| passage.kind == Kind::Turn).count();
        let mut old = turns.saturating_sub(self.keep);
        let mut parts = Vec::with_capacity(passages.len());
        for passage in passages {
            let mut part = Part::Keep(passage.id);
            if passage.kind == Kind::Turn && old > 0 {
                old -= 1;
                let whole = message(desk, passage.id);
                let bare = said::without_reasoning(desk.dialect(), whole);
                if bare != *whole {
                    part = Part::Put { message: bare, of: vec![passage.id] };
                }
            }
            parts.push(part);
        }
        Ok(Some(parts))
    }
}
