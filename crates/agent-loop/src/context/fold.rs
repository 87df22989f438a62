//! Lets the model fold earlier steps into short texts.

use std::ops::Range;

use async_trait::async_trait;
use offseeker_chat::arguments;
use offseeker_trajectory::{Message, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::passage::{Kind, Passage, changed, kept, message, passages, put, question_place};
use super::prompt::{filled, within};
use super::{ContextPolicy, Part, ReSum};
use crate::{Desk, Halt};

/// Lets the model fold earlier steps into short texts, as `AgentFold` does.
///
/// The model is told how. A range that cannot be folded is let be, and the model is told why. Where the model folds too
/// little and comes to fill the room, everything is summarised.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    /// What is done where the model does not fold and the room is short.
    pub fallback: ReSum,
}

/// What a model writes to fold.
#[derive(Debug, Deserialize)]
struct Directive {
    #[serde(rename = "compress_range")]
    range: Vec<u32>,
    #[serde(rename = "compress_text")]
    text: String,
}

/// Messages that are folded together or not at all: a step, or what stands for several.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    first: u32,
    last: u32,
    /// Where it stands in the conversation.
    place: Range<usize>,
}

#[async_trait]
impl ContextPolicy for Fold {
    fn name(&self) -> &str {
        "fold"
    }

    fn instructions(&self) -> &str {
        include_str!("../../prompts/fold.txt")
    }

    fn settings(&self) -> Value {
        json!({"fallback": self.fallback.settings()})
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        if let Some(parts) = asked_for(desk) {
            return Ok(Some(parts));
        }
        self.fallback.rewrite(desk).await
    }
}

/// What the last turn asks for, unless that is done already.
fn asked_for(desk: &Desk<'_, '_>) -> Option<Vec<Part>> {
    let passages = passages(desk);
    let turn = passages.iter().rfind(|passage| passage.kind == Kind::Turn)?;
    let (step, _) = turn.turns?;
    let said = desk.turn(message(desk, turn.source));
    let blocks = blocks(&passages, question_place(desk.trajectory()) + 1);
    let foldable: Vec<&Block> = blocks.iter().filter(|block| block.last < step).collect();
    let folded = directive(within(&said.text, "compress")?).and_then(|directive| {
        let place = place(&foldable, &directive)?;
        Ok((place, directive))
    });
    let parts = match folded {
        Ok((place, directive)) => fold(&passages, place, &directive),
        Err(reason) => refused(desk, &passages, *turn, &reason, &foldable)?,
    };
    changed(desk, parts)
}

fn directive(text: &str) -> Result<Directive, String> {
    let read = arguments::read(text).map_err(|error| format!("the JSON cannot be read ({error})"))?;
    let directive: Directive =
        serde_json::from_value(read.value).map_err(|error| format!("the JSON is not as described ({error})"))?;
    if directive.text.trim().is_empty() { Err("the text is empty".to_owned()) } else { Ok(directive) }
}

/// Where the messages of a range stand.
fn place(foldable: &[&Block], directive: &Directive) -> Result<Range<usize>, String> {
    let (first, last) = match directive.range[..] {
        [one] => (one, one),
        [first, last] if first <= last => (first, last),
        _ => return Err("the range is not [first, last]".to_owned()),
    };
    let begin = foldable.iter().find(|block| block.first == first);
    let end = foldable.iter().find(|block| block.last == last);
    let (Some(begin), Some(end)) = (begin, end) else {
        return Err(format!("{} cannot be folded together", steps(first, last)));
    };
    Ok(begin.place.start..end.place.end)
}

/// The conversation with one text in the place of a range.
fn fold(passages: &[Passage], place: Range<usize>, directive: &Directive) -> Vec<Part> {
    let (first, last) = (directive.range[0], directive.range[directive.range.len() - 1]);
    let text = filled(
        include_str!("../../prompts/folded.txt"),
        &[("steps", &steps(first, last)), ("text", directive.text.trim())],
    );
    let mut parts: Vec<Part> = kept(&passages[..place.start]).collect();
    parts.push(put(Message::user(text), &passages[place.clone()]));
    parts.extend(kept(&passages[place.end..]));
    parts
}

/// The conversation with a word on why nothing was folded, while nothing was said since the turn.
fn refused(
    desk: &Desk<'_, '_>,
    passages: &[Passage],
    turn: Passage,
    reason: &str,
    foldable: &[&Block],
) -> Option<Vec<Part>> {
    if passages.last()?.kind != Kind::Observation {
        return None;
    }
    tracing::debug!(attempt = %desk.trajectory().id, reason, "the model asked to fold what cannot be folded");
    let ranges: Vec<String> = foldable.iter().map(|block| steps(block.first, block.last)).collect();
    let ranges = if ranges.is_empty() { "nothing".to_owned() } else { ranges.join(", ") };
    let text = filled(include_str!("../../prompts/not_folded.txt"), &[("reason", reason), ("ranges", &ranges)]);
    let mut parts: Vec<Part> = kept(passages).collect();
    parts.push(put(Message::new(Role::User, text), &[turn]));
    Some(parts)
}

/// The conversation from `start` on in steps and what stands for several of them.
fn blocks(passages: &[Passage], start: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (at, passage) in passages.iter().enumerate().skip(start) {
        let Some((first, last)) = passage.turns else { continue };
        match blocks.last_mut() {
            // The observations and corrections of a step, and those after a block.
            Some(block) if block.last >= first => {
                block.last = block.last.max(last);
                block.place.end = at + 1;
            }
            _ => blocks.push(Block { first, last, place: at..at + 1 }),
        }
    }
    blocks
}

fn steps(first: u32, last: u32) -> String {
    if first == last { format!("Step {first}") } else { format!("Steps {first} to {last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_folded_that_begin_and_end_with_a_block() {
        let block = |first, last| Block { first, last, place: first as usize * 10..last as usize * 10 + 10 };
        let (one, two, five) = (block(1, 1), block(2, 4), block(5, 5));
        let foldable = [&one, &two, &five];
        let check = |range: &[u32], expected: Result<Range<usize>, &str>| {
            let directive = Directive { range: range.to_vec(), text: String::new() };
            assert_eq!(place(&foldable, &directive), expected.map_err(str::to_owned), "{range:?}");
        };
        check(&[1, 1], Ok(10..20));
        check(&[5], Ok(50..60));
        check(&[2, 4], Ok(20..50));
        check(&[1, 5], Ok(10..60));
        check(&[4, 5], Err("Steps 4 to 5 cannot be folded together"));
        check(&[1, 3], Err("Steps 1 to 3 cannot be folded together"));
        check(&[6, 6], Err("Step 6 cannot be folded together"));
        check(&[0, 1], Err("Steps 0 to 1 cannot be folded together"));
        check(&[5, 1], Err("the range is not [first, last]"));
        check(&[], Err("the range is not [first, last]"));
        check(&[1, 2, 3], Err("the range is not [first, last]"));
    }

    #[test]
    fn directives_are_read_as_models_write_them() {
        let check = |text: &str, expected: Result<&[u32], &str>| match (directive(text), expected) {
            (Ok(directive), Ok(range)) => assert_eq!(directive.range, range, "{text}"),
            (Err(reason), Err(part)) => assert!(reason.contains(part), "{reason}"),
            (read, _) => panic!("{text}: {read:?}"),
        };
        check(r#"{"compress_range": [1, 2], "compress_text": "a"}"#, Ok(&[1, 2]));
        check("{'compress_range': [1, 2,], 'compress_text': 'a'}", Ok(&[1, 2]));
        check(r#"{"compress_range": [1, 2], "compress_text": " "}"#, Err("empty"));
        check(r#"{"compress_range": [-1, 2], "compress_text": "a"}"#, Err("not as described"));
        check(r#"{"compress_range": "1-2", "compress_text": "a"}"#, Err("not as described"));
        check(r#"{"compress_text": "a"}"#, Err("not as described"));
        check("fold it all", Err("cannot be read"));
    }
}
