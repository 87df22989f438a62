//! Puts summaries in the place of old observations.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::ChatModel;
use serde_json::{Value, json};

use super::passage::{Kind, Passage, call_of, message, passages};
use super::prompt::filled;
use super::{ContextPolicy, Part, aside, name_of, said};
use crate::{Desk, Halt, tokens};

/// Puts summaries in the place of old observations, which a model writes beside the attempt.
///
/// The observations themselves stay in the attempt, so a student can be trained on what its teacher did not have to
/// read, as OpenSeeker does. A summary that is not shorter than what it is of is not used.
#[derive(Debug, Clone)]
pub struct SummariseOld {
    /// The observations of so many last turns with calls stay as they are.
    pub keep_raw: usize,
    /// Observations of fewer tokens stay as they are.
    pub least: u64,
    /// The model that writes the summaries; the attempt's own where there is none.
    pub model: Option<Arc<dyn ChatModel>>,
}

impl Default for SummariseOld {
    /// Keeps the observations of the last turn, and those of fewer than 100 tokens.
    fn default() -> Self {
        Self { keep_raw: 1, least: 100, model: None }
    }
}

#[async_trait]
impl ContextPolicy for SummariseOld {
    fn name(&self) -> &str {
        "summarise-old"
    }

    fn settings(&self) -> Value {
        json!({"keep_raw": self.keep_raw, "least": self.least, "model": name_of(self.model.as_ref())})
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let passages = passages(desk);
        let old = self.old(&passages);
        let mut parts = Vec::with_capacity(passages.len());
        for passage in passages {
            let is_old = passage.kind == Kind::Observation && passage.turns.is_some_and(|(_, last)| last <= old);
            let summary = if is_old { self.summary(desk, passage).await? } else { None };
            parts.push(summary.unwrap_or(Part::Keep(passage.id)));
        }
        Ok(Some(parts))
    }
}

impl SummariseOld {
    /// The last turn whose observations are old.
    fn old(&self, passages: &[Passage]) -> u32 {
        let mut turns: Vec<u32> = passages
            .iter()
            .filter(|passage| passage.kind == Kind::Observation)
            .filter_map(|passage| passage.turns.map(|(_, last)| last))
            .collect();
        turns.dedup();
        turns.len().checked_sub(self.keep_raw + 1).map_or(0, |place| turns[place])
    }

    /// The summary of an observation that is as it was, where it is worth one.
    async fn summary(&self, desk: &mut Desk<'_, '_>, passage: Passage) -> Result<Option<Part>, Halt> {
        let shown = message(desk, passage.id);
        let is_raw = desk.node(passage.source).is_some_and(|node| node.message == *shown);
        let length = tokens::estimate(shown);
        let Some((call, is_last)) = call_of(desk.trajectory(), passage.source).filter(|_| is_raw) else {
            return Ok(None);
        };
        if length < self.least {
            return Ok(None);
        }
        let (call, text) = (call.clone(), said::observed(desk.dialect(), &shown.content));
        let prompt = filled(
            include_str!("../../prompts/summarise.txt"),
            &[
                ("question", &desk.question().text),
                ("call", &format!("{} {}", call.name, call.arguments)),
                ("observation", text),
            ],
        );
        let Some(summary) = aside::ask(desk, "summary", prompt, self.model.as_deref()).await? else { return Ok(None) };
        let text = filled(include_str!("../../prompts/summarised.txt"), &[("summary", &summary)]);
        let summary = desk.result(&call, &text, is_last);
        let is_shorter = tokens::estimate(&summary) < length;
        Ok(is_shorter.then(|| Part::Put { message: summary, of: vec![passage.id] }))
    }
}
