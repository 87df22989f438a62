//! Puts a summary in the place of everything, once the conversation is long.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::ChatModel;
use offseeker_trajectory::Message;
use serde_json::{Value, json};

use super::passage::{Kind, Passage, kept, length, length_now, passages, put, question_place};
use super::prompt::{filled, within};
use super::{ContextPolicy, Part, aside, name_of, said};
use crate::{Desk, Halt};

/// Puts a summary in the place of everything after the question, once the conversation is long, as its namesake does.
#[derive(Debug, Clone)]
pub struct ReSum {
    /// The share of the room at which the conversation is long.
    pub at: f64,
    /// After so many turns it is long however much room is left.
    pub every: Option<u32>,
    /// The model that writes the summary; the attempt's own where there is none.
    pub model: Option<Arc<dyn ChatModel>>,
}

impl Default for ReSum {
    /// At nine tenths of the room.
    fn default() -> Self {
        Self { at: 0.9, every: None, model: None }
    }
}

#[async_trait]
impl ContextPolicy for ReSum {
    fn name(&self) -> &str {
        "resum"
    }

    fn settings(&self) -> Value {
        json!({"at": self.at, "every": self.every, "model": name_of(self.model.as_ref())})
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let passages = passages(desk);
        let turns = passages.iter().filter(|passage| passage.kind == Kind::Turn).count();
        let is_time = self.every.is_some_and(|every| turns >= every.max(1) as usize);
        let is_long = desk.tokens() as f64 >= self.at * desk.room() as f64;
        if turns == 0 || !(is_time || is_long) {
            return Ok(None);
        }
        let prompt = filled(
            include_str!("../../prompts/resum.txt"),
            &[("question", &desk.question().text), ("history", &said::history(desk))],
        );
        let Some(reply) = aside::ask(desk, "resum", prompt, self.model.as_deref()).await? else { return Ok(None) };
        let summary = within(&reply, "summary").unwrap_or(&reply);
        let parts = resumed(desk, &passages, summary);
        // A summary that saves nothing is of use only where it was time for one.
        let is_of_use = is_time || length(desk.trajectory(), &parts) < length_now(desk);
        Ok(is_of_use.then_some(parts))
    }
}

/// The instructions, the question with the summary, and what was said to the model since its last action.
fn resumed(desk: &Desk<'_, '_>, passages: &[Passage], summary: &str) -> Vec<Part> {
    let place = question_place(desk.trajectory());
    let acted = |passage: &Passage| passage.kind != Kind::Correction;
    let end = passages.iter().rposition(acted).unwrap_or(place) + 1;
    let text = filled(
        include_str!("../../prompts/resumed.txt"),
        &[("question", super::passage::question(desk)), ("summary", summary)],
    );
    let mut parts: Vec<Part> = kept(&passages[..place]).collect();
    parts.push(put(Message::user(text), &passages[place..end]));
    parts.extend(kept(&passages[end..]));
    parts
}
