//! Packs all calls and what they gave into one message with the question.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::ChatModel;
use offseeker_trajectory::Message;
use serde_json::{Value, json};

use super::passage::{Kind, Passage, call_of, kept, message, passages, put, question, question_place};
use super::prompt::{filled, within};
use super::{ContextPolicy, Part, aside, name_of, said};
use crate::{Desk, Halt, tokens};

/// Packs all calls and what they gave into one message with the question, without reasoning, as SFR does for models that
/// were trained on single turns.
///
/// Where the memory comes to fill much of the room, a model is asked to clean it.
#[derive(Debug, Clone)]
pub struct PackedMemory {
    /// The share of the room at which the memory is cleaned.
    pub clean_at: f64,
    /// The model that cleans it; the attempt's own where there is none.
    pub model: Option<Arc<dyn ChatModel>>,
}

impl Default for PackedMemory {
    /// Cleans at three fifths of the room.
    fn default() -> Self {
        Self { clean_at: 0.6, model: None }
    }
}

#[async_trait]
impl ContextPolicy for PackedMemory {
    fn name(&self) -> &str {
        "packed-memory"
    }

    fn settings(&self) -> Value {
        json!({"clean_at": self.clean_at, "model": name_of(self.model.as_ref())})
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let passages = passages(desk);
        let place = question_place(desk.trajectory());
        // What follows the last observation stays: an answer that is to be checked, a word of the loop.
        let Some(last) = passages.iter().rposition(|passage| passage.kind == Kind::Observation) else {
            return Ok(None);
        };
        let memory = self.clean(desk, memory(desk, &passages[place..=last])).await?;
        let mut parts: Vec<Part> = kept(&passages[..place]).collect();
        parts.push(put(packed(desk, &memory), &passages[place..=last]));
        parts.extend(kept(&passages[last + 1..]));
        Ok(Some(parts))
    }
}

impl PackedMemory {
    /// The memory, cleaned where it is too long and a model makes it shorter.
    async fn clean(&self, desk: &mut Desk<'_, '_>, memory: String) -> Result<String, Halt> {
        let length = tokens::estimate(&packed(desk, &memory));
        if (length as f64) < self.clean_at * desk.room() as f64 {
            return Ok(memory);
        }
        let prompt = filled(
            include_str!("../../prompts/clean.txt"),
            &[("question", &desk.question().text), ("memory", &memory)],
        );
        let reply = aside::ask(desk, "clean-memory", prompt, self.model.as_deref()).await?.unwrap_or_default();
        let cleaned = Some(within(&reply, "memory").unwrap_or(&reply));
        let cleaned = cleaned.filter(|cleaned| !cleaned.is_empty() && cleaned.len() < memory.len());
        Ok(cleaned.map(str::to_owned).unwrap_or(memory))
    }
}

fn packed(desk: &Desk<'_, '_>, memory: &str) -> Message {
    Message::user(frame(desk, memory))
}

fn frame(desk: &Desk<'_, '_>, memory: &str) -> String {
    filled(include_str!("../../prompts/packed.txt"), &[("question", question(desk)), ("memory", memory)])
}

/// What was packed before, and what came since.
fn memory(desk: &Desk<'_, '_>, passages: &[Passage]) -> String {
    let begin = frame(desk, "");
    let entries = passages.iter().filter_map(|passage| {
        let message = message(desk, passage.id);
        match passage.kind {
            Kind::Opening | Kind::Correction => None,
            Kind::StandIn => {
                let packed = message.content.as_str();
                Some(packed.strip_prefix(begin.trim_end()).unwrap_or(packed).trim().to_owned())
            }
            Kind::Turn => Some(desk.turn(message).text.trim().to_owned()),
            Kind::Observation => {
                let call = call_of(desk.trajectory(), passage.source);
                let call = call.map(|(call, _)| format!("{} {}\n", call.name, call.arguments)).unwrap_or_default();
                Some(call + said::observed(desk.dialect(), &message.content))
            }
        }
    });
    entries.filter(|entry| !entry.is_empty()).collect::<Vec<_>>().join("\n\n")
}
