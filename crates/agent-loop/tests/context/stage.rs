//! A small world for policies: pages that follow each other, and a model that reads them by rule.

use std::sync::Arc;

use offseeker_agent_loop::{Agent, ContextPolicy, Limits, Protocol, Tools};
use offseeker_chat::{Reply, Request, Scripted};
use offseeker_tools::{Function, Observation};
use offseeker_trajectory::{Message, Question, Role, ToolCall};

/// How many pages there are to read.
pub(crate) const PAGES: u32 = 4;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Page {
    page: u32,
}

/// What a model is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It reports, folds the last step, writes summaries.
    Willing,
    /// It reports and does nothing else for the policy.
    Reporting,
    /// It folds the last step, and in the end all of them.
    Folding,
    /// It writes summaries when it is asked to.
    Summarising,
    /// It reads and answers, and has nothing to say to anything else.
    Stubborn,
    /// It folds what cannot be folded.
    Wrong,
    /// It does now this, now that, as its seed has it: it says nothing of use, or nothing that can be read.
    Erratic,
}

/// What to look for next: the page after the last one that is mentioned.
fn next_page(messages: &[Message]) -> u32 {
    let texts: Vec<&str> = messages.iter().map(|message| message.content.as_str()).collect();
    let is_seen = |page: &u32| texts.iter().any(|text| text.contains(&format!("page {page} ")));
    (1..=PAGES).rev().find(is_seen).unwrap_or(0) + 1
}

/// What the model writes, before the call, for the policy.
fn words(manner: Manner, page: u32) -> String {
    let before = page - 1;
    let report = if page == 1 {
        "<report>nothing yet</report>".to_owned()
    } else {
        format!("<report>page {before} read</report>")
    };
    let folding = |range: &str| {
        format!("<compress>{{\"compress_range\": {range}, \"compress_text\": \"page {before} read\"}}</compress>")
    };
    let fold = match page {
        1 => String::new(),
        4 => folding("[1, 3]"),
        _ => folding(&format!("[{before}]")),
    };
    match manner {
        Manner::Stubborn | Manner::Summarising => String::new(),
        Manner::Wrong | Manner::Erratic => folding("[7, 9]"),
        Manner::Reporting => report,
        Manner::Folding => fold,
        Manner::Willing => report + &fold,
    }
}

fn aside(manner: Manner, prompt: &str) -> Message {
    let last = (1..=PAGES).rev().find(|page| prompt.contains(&format!("page {page} "))).unwrap_or(0);
    Message::assistant(match manner {
        Manner::Stubborn | Manner::Wrong => String::new(),
        _ if prompt.contains("<summary></summary>") => {
            format!("<think>hm</think><summary>up to page {last} all read</summary>")
        }
        _ if prompt.contains("<memory></memory>") => format!("<memory>clean: page {last} read</memory>"),
        _ => format!("<think>hm</think>page {last} in short"),
    })
}

/// A model that answers by rule, so that it says the same whenever it is asked the same.
pub(crate) fn model(manner: Manner, is_native: bool) -> Arc<Scripted> {
    Arc::new(Scripted::by(move |request: Request<'_>| {
        let chance = request.sampling.seed.unwrap_or_default() % 7;
        let manner = match (manner, chance) {
            (Manner::Erratic, 0) => return Ok(Reply::new(Message::assistant("<think>Hm.</think>Let me see."))),
            (Manner::Erratic, 1) => return Ok(Reply::new(Message::assistant("<think>T</think><tool_call>{"))),
            (Manner::Erratic, 2 | 3) => Manner::Willing,
            (Manner::Erratic, 4) => Manner::Wrong,
            (Manner::Erratic, _) => Manner::Stubborn,
            (manner, _) => manner,
        };
        let first = &request.messages[0];
        if first.role == Role::User && first.content.starts_with("An agent looks for") {
            return Ok(Reply::new(aside(manner, &first.content)));
        }
        let page = next_page(request.messages);
        let is_over = page > PAGES || request.messages.last().unwrap().content.starts_with("Enough");
        let words = words(manner, page);
        let message = match (is_over, is_native) {
            (true, _) => Message::assistant("<answer>the last page</answer>"),
            (false, false) => Message::assistant(format!(
                "<think>T{page}</think>{words}<tool_call>{{\"name\": \"look\", \"arguments\": {{\"page\": {page}}}}}</tool_call>"
            )),
            (false, true) => Message {
                reasoning: Some(format!("T{page}")),
                tool_calls: vec![
                    ToolCall::new(format!("a{page}"), "look", format!("{{\"page\": {page}}}")),
                    ToolCall::new(format!("b{page}"), "look", "{\"page\": 0}"),
                ],
                ..Message::assistant(words)
            },
        };
        Ok(Reply::new(message))
    }))
}

pub(crate) fn protocol(is_native: bool) -> Protocol {
    let tools = if is_native { "native" } else { "untold" };
    Protocol::parse(&format!(
        r#"{{"name": "test", "dialect": "qwen", "tools": "{tools}", "system": "S {{instructions}}",
            "question": "Q: {{question}}", "result": "{{observation}}", "after_results": " Go on.",
            "unreadable": "Again: {{problem}}.", "silent": "Say something.", "circling": "Circles.",
            "last_turn": "Enough: {{limit}}."}}"#
    ))
    .unwrap()
}

/// An agent that reads pages, each with so many words.
pub(crate) fn agent(
    model: Arc<Scripted>,
    policy: Arc<dyn ContextPolicy>,
    is_native: bool,
    words: usize,
    limits: Limits,
) -> Agent {
    let tools = Tools::made_of(move || {
        let look = Function::new("look", "Shows a page.", move |asked: Page| async move {
            Ok(Observation::ok(format!("page {} is here{}", asked.page, " word".repeat(words))))
        });
        vec![Box::new(look) as _]
    });
    Agent::new(model, tools).speaking(protocol(is_native)).remembering(policy).limited(limits).seeded(7)
}

pub(crate) fn question() -> Question {
    Question::new("Which page is the last?", ["4"])
}
