//! Shows the model the question, its last report, its last action and what that gave.

use async_trait::async_trait;
use offseeker_trajectory::Message;
use serde_json::{Value, json};

use super::passage::{Kind, Passage, changed, kept, message, passages, put, question, question_place};
use super::prompt::{filled, within, without};
use super::{ContextPolicy, Part, ReSum, said};
use crate::{Desk, Halt};

/// Shows the model the question, its last report, its last action and what that gave, as `IterResearch` does.
///
/// The model is told to write a report in each turn. Where it does not, the turns since its last report stay, and where
/// they come to fill the room, they are summarised.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is done where there are no reports and the room is short.
    pub fallback: ReSum,
}

#[async_trait]
impl ContextPolicy for Report {
    fn name(&self) -> &str {
        "report"
    }

    fn instructions(&self) -> &str {
        include_str!("../../prompts/report.txt")
    }

    fn settings(&self) -> Value {
        json!({"fallback": self.fallback.settings()})
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        if let Some(parts) = reported(desk) {
            return Ok(Some(parts));
        }
        self.fallback.rewrite(desk).await
    }
}

/// The conversation from the last report on; none where it is so already, or there is no report.
fn reported(desk: &Desk<'_, '_>) -> Option<Vec<Part>> {
    let passages = passages(desk);
    let place = question_place(desk.trajectory());
    let (turn, report) = passages.iter().enumerate().rev().find_map(|(at, passage)| {
        let is_turn = passage.kind == Kind::Turn;
        is_turn.then(|| report(desk, passage)).flatten().map(|report| (at, report))
    })?;
    let text = filled(include_str!("../../prompts/reported.txt"), &[("question", question(desk)), ("report", &report)]);
    let action = action(desk, &passages[turn]);
    let mut parts: Vec<Part> = kept(&passages[..place]).collect();
    // The turn with the report counts among what the report stands for, so that its place is seen.
    parts.push(put(Message::user(text), &passages[place..=turn]));
    parts.extend(action.map(|action| put(action, &passages[turn..=turn])));
    parts.extend(kept(&passages[turn + 1..]));
    changed(desk, parts)
}

/// What the model reported in a turn.
fn report(desk: &Desk<'_, '_>, turn: &Passage) -> Option<String> {
    let turn = desk.turn(message(desk, turn.source));
    within(&turn.text, "report").map(str::to_owned)
}

/// The turn without its reasoning and its report; none where nothing is left.
fn action(desk: &Desk<'_, '_>, turn: &Passage) -> Option<Message> {
    let bare = said::without_reasoning(desk.dialect(), message(desk, turn.id));
    let content = without(&bare.content, "report");
    (!content.trim().is_empty() || !bare.tool_calls.is_empty()).then_some(Message { content, ..bare })
}
