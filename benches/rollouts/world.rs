//! What the model says, and the tool that it calls: the same sizes wherever they are made.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use offseeker::chat::{ChatError, ChatModel, Reply, Request};
use offseeker::tools::{Observation, Tool, ToolError};
use offseeker::trajectory::{Message, Role, ToolSpec, Usage};
use serde_json::{Value, json};

use crate::words::{Dice, word};
use crate::zipf::Zipf;

/// The turns of an attempt: all but the last call the tool once.
pub(crate) const STEPS: usize = 20;

/// Blocks of about 250 bytes that texts are put together from.
const BLOCKS: usize = 256;

static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let (zipf, mut dice) = (Zipf::of(20_000), Dice(0x9e37_79b9_7f4a_7c15));
    let mut block = || {
        let (length, mut text) = (240 + dice.below(20), String::new());
        while text.len() < length {
            text.push_str(&word(zipf.draw(&mut dice)));
            text.push(' ');
        }
        text
    };
    (0..BLOCKS).map(|_| block()).collect()
});

/// A text of so many blocks; another one for each number.
pub(crate) fn text(number: u64, blocks: u64) -> String {
    let mut text = String::with_capacity(32 + 260 * usize::try_from(blocks).expect("there are few blocks"));
    text.push_str("mill ");
    text.push_str(&number.to_string());
    text.push_str(": ");
    for block in 0..blocks {
        let place = (number * 7 + number / 256 * (2 * block + 1) + block * 13) % BLOCKS as u64;
        text.push_str(&TEXTS[usize::try_from(place).expect("there are few blocks")]);
    }
    text
}

/// A number that no other turn of this process has, so that no two texts are the same.
pub(crate) fn next() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// A model that calls the tool in every turn, about another thing each time, and answers in the last. It lets the other
/// attempts go first, so that as many are under way as there can be.
#[derive(Debug)]
pub(crate) struct AtOnce;

#[async_trait]
impl ChatModel for AtOnce {
    fn name(&self) -> &str {
        "at-once"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        tokio::task::yield_now().await;
        let turns = request.messages.iter().filter(|message| message.role == Role::Assistant).count();
        let number = next();
        let thought = text(number, 2);
        let act = if turns + 1 < STEPS {
            format!("<tool_call>\n{{\"name\": \"look_up\", \"arguments\": {{\"number\": {number}}}}}\n</tool_call>")
        } else {
            "<answer>the Orsa</answer>".to_owned()
        };
        let usage = Usage { requests: 1, prompt_tokens: 5_000, completion_tokens: 150, ..Usage::default() };
        Ok(Reply { usage, ..Reply::new(Message::assistant(format!("<think>{thought}</think>\n{act}"))) })
    }
}

/// A tool that gives two kilobytes, others for each number.
#[derive(Debug)]
pub(crate) struct LookUp;

#[async_trait]
impl Tool for LookUp {
    fn spec(&self) -> ToolSpec {
        let number = json!({"type": "integer", "description": "The number of the mill."});
        let parameters = json!({"type": "object", "properties": {"number": number}, "required": ["number"]});
        ToolSpec::new("look_up", "Says what is known of a mill.", parameters)
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        Ok(Observation::ok(text(arguments["number"].as_u64().unwrap_or_default(), 8)))
    }
}
