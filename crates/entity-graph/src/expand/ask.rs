//! Asks a model for JSON of a given form.

use std::sync::Arc;

use offseeker_chat::arguments::{self, ArgumentError, Schema};
use offseeker_chat::{ChatModel, Request, Sampling};
use offseeker_trajectory::{Message, ToolSpec};
use rand::RngExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Prompts, Setback};
use crate::rng;

/// What ends the reasoning that some models write before their answer.
const END_OF_REASONING: &str = "</think>";

/// The longest text of a kind, a relation or another label, in characters.
pub(super) const LONGEST_LABEL: usize = 80;

/// Asks a model for JSON.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) model: Arc<dyn ChatModel>,
    pub(super) prompts: Arc<Prompts>,
    pub(super) sampling: Sampling,
    pub(super) seed: u64,
}

impl Asker {
    /// Asks for an object of a form. Each attempt samples with a seed of its own and says what was wrong before.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        item: &str,
        prompt: String,
        schema: &Schema,
        tried: &[String],
    ) -> Result<T, Setback> {
        let messages = [Message::user(prompt + &again(&self.prompts, tried))];
        let sampling = Sampling { seed: Some(attempt_seed(self.seed, item, tried.len())), ..self.sampling.clone() };
        let reply = self.model.reply(Request { sampling: &sampling, ..Request::new(&messages) }).await?;
        read(&reply.message.content, schema)
    }
}

/// What follows a prompt where earlier answers could not be used.
pub(super) fn again(prompts: &Prompts, tried: &[String]) -> String {
    tried.last().map_or_else(String::new, |reason| prompts.again.fill(&[("reason", reason)]))
}

/// The seed of an attempt at an item, small enough for every server.
pub(super) fn attempt_seed(seed: u64, item: &str, attempt: usize) -> u64 {
    u64::from(rng(seed, item, &format!("attempt {attempt}")).random::<u32>() >> 1)
}

/// Reads what a model wrote: within bounds, by the ladder for badly spelled JSON, and checked against its form.
pub(super) fn read<T: DeserializeOwned>(text: &str, schema: &Schema) -> Result<T, Setback> {
    let answer = text.rsplit_once(END_OF_REASONING).map_or(text, |(_, answer)| answer);
    let unreadable = |error: ArgumentError| match error {
        ArgumentError::Invalid { problems } => {
            let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Setback::unreadable(listed.join("; "))
        }
        other => Setback::unreadable(other.to_string()),
    };
    let read = arguments::read(answer).map_err(unreadable)?;
    schema.check(&read.value).map_err(unreadable)?;
    serde_json::from_value(read.value).map_err(|error| Setback::unreadable(error.to_string()))
}

/// The form of an answer, from a JSON Schema that is written here.
pub(super) fn form(schema: Value) -> Schema {
    Schema::compile(&ToolSpec::new("answer", "", schema)).expect("a test compiles each form")
}

/// A text that may be no longer than so many characters.
pub(super) fn text(longest: usize) -> Value {
    serde_json::json!({"type": "string", "maxLength": longest})
}

/// A name as a model wrote it, without the number or bullet of a list and without quotes around it.
pub(super) fn bare(name: &str) -> &str {
    let bullets = ['-', '*', '•', '·', '–', '—', '#', ' ', '\t', '\u{a0}'];
    let mut name = name.trim().trim_start_matches(bullets);
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits) {
        let rest = &name[digits..];
        let after = rest.strip_prefix(['.', ')', ':', '、', '．', '）']);
        if let Some(after) = after.filter(|after| after.starts_with(char::is_whitespace) || !rest.starts_with('.')) {
            name = after;
        }
    }
    name.trim().trim_start_matches(bullets).trim_matches(['"', '“', '”', '`', '*', ' '])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_bare_without_what_lists_put_before_it() {
        for (name, expected) in [
            ("1. Karlin mill", "Karlin mill"),
            ("12) \"Orsa\"", "Orsa"),
            ("- **Ada Voss**", "Ada Voss"),
            ("• 3: Orsa", "Orsa"),
            ("1、卡林磨坊", "卡林磨坊"),
            ("3 Doors Down", "3 Doors Down"),
            ("1.5 bar valve", "1.5 bar valve"),
            ("2001: A Space Odyssey", "2001: A Space Odyssey"),
            ("  ", ""),
        ] {
            assert_eq!(bare(name), expected, "{name}");
        }
    }

    #[test]
    fn what_a_model_wrote_is_read_or_refused() {
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(70), "]".repeat(70));
        let huge = format!("{{\"a\": \"{}\"}}", "x".repeat(5 << 20));
        check("{\"a\": \"x\"}", Ok("x"));
        check("<think>{\"a\": 1}</think>\n```json\n{'a': 'x',}\n```", Ok("x"));
        check("{\"a\": 7}", Err("a: must be a string, not a number"));
        check("{}", Err("\"a\" is missing"));
        check("", Err("\"a\" is missing"));
        check("I would rather not.", Err("expected"));
        check("{\"a\": \"half", Err("expected a string that ends"));
        check("[1, 2]", Err("expected an object"));
        check(&deep, Err("more than 64 deep"));
        check(&huge, Err("at most 4194304 are read"));
        check("{\"a\": \"xxxxxx\"}", Err("a: must have at most 5 characters"));
    }

    fn check(text: &str, expected: Result<&str, &str>) {
        let schema = form(json!({"type": "object", "required": ["a"], "properties": {"a": super::text(5)}}));
        let found: Result<BTreeMap<String, String>, Setback> = read(text, &schema);
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found["a"], expected),
            (Err(Setback::Unusable { kind, reason }), Err(expected)) => {
                assert_eq!(kind, "unreadable");
                assert!(reason.contains(expected), "{reason}");
            }
            (found, _) => panic!("{text:.40}: {found:?}"),
        }
    }
}
