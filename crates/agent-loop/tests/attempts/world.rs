//! A model that follows a script of turns, and tools that count their calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use offseeker_agent_loop::{Agent, Tools};
use offseeker_chat::{ChatError, Reply, Request, Scripted};
use offseeker_tools::{Function, Observation, Tool, ToolError};
use offseeker_trajectory::{CallStatus, Message, Node, Origin, Question, Source, StopReason, Trajectory, View};
use serde_json::Value;

/// What the model does in a turn.
pub(crate) type Line = Result<Reply, ChatError>;

/// A question about a mill.
pub(crate) fn question() -> Question {
    Question::new("Which river does the Karlin mill stand on?", ["the Orsa"])
}

/// A turn with calls of the tool `look`, each with what it is to look for.
pub(crate) fn look(places: &[&str]) -> String {
    let calls = places.iter().map(|place| call("look", &format!("{{\"at\": \"{place}\"}}")));
    format!("<think>\nI look.\n</think>\n\n{}", calls.collect::<Vec<_>>().join("\n"))
}

/// A call as the model writes it.
pub(crate) fn call(tool: &str, arguments: &str) -> String {
    format!("<tool_call>\n{{\"name\": \"{tool}\", \"arguments\": {arguments}}}\n</tool_call>")
}

/// A turn with an answer.
pub(crate) fn answer(text: &str) -> String {
    format!("<think>\nThat is it.\n</think>\n\n<answer>{text}</answer>")
}

/// A turn as the model writes it.
pub(crate) fn says(text: impl Into<String>) -> Line {
    Ok(Reply::new(Message::assistant(text)))
}

/// A model that says these lines by the number of turns in the request, the last one ever after.
///
/// It goes by the conversation alone, so it says the same again to who asks the same again.
pub(crate) fn scripted(lines: Vec<Line>) -> Arc<Scripted> {
    Arc::new(Scripted::by(move |request: Request<'_>| {
        let turns = request.messages.iter().filter(|message| message.role == offseeker_trajectory::Role::Assistant);
        let line = turns.count().min(lines.len() - 1);
        lines[line].clone()
    }))
}

/// How often the tools were called.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicUsize);

impl Counter {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Look {
    at: String,
}

/// The tools `look`, which shows a place, and `break`, which ends the attempt.
pub(crate) fn tools(counter: &Arc<Counter>) -> Tools {
    let counter = counter.clone();
    Tools::made_of(move || {
        let counter = counter.clone();
        let look = Function::new("look", "Looks at a place.", move |look: Look| {
            let counter = counter.clone();
            async move {
                counter.0.fetch_add(1, Ordering::SeqCst);
                // Later calls of a turn end earlier.
                let wait = 30_u64.saturating_sub(u64::try_from(look.at.len()).unwrap() * 10);
                tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
                let source = Source { url: format!("karlin:{}", look.at), view: View::Page };
                Ok(match look.at.as_str() {
                    "nowhere" => Observation::new(CallStatus::NotFound, "There is no such place."),
                    "secret" => Observation::new(CallStatus::Blocked, "That is forbidden."),
                    at => Observation::ok(format!("At {at} there is a mill on the Orsa.")).showing([source]),
                })
            }
        });
        let broken = Function::new("break", "Breaks.", async |_: Look| -> Result<Observation, ToolError> {
            Err(ToolError::broken("break", "the disk is gone"))
        });
        vec![Box::new(look) as Box<dyn Tool>, Box::new(broken)]
    })
}

/// An agent with a script and the tools.
pub(crate) fn agent(lines: Vec<Line>) -> (Agent, Arc<Scripted>, Arc<Counter>) {
    let (model, counter) = (scripted(lines), Arc::new(Counter::default()));
    (Agent::new(model.clone(), tools(&counter)), model, counter)
}

/// How an attempt ended, and what it answered.
pub(crate) fn end(attempt: &Trajectory) -> (StopReason, Option<&str>) {
    (attempt.stop.clone().expect("every attempt has an end"), attempt.answer.as_deref())
}

/// The kinds of the messages in their order.
pub(crate) fn kinds(attempt: &Trajectory) -> String {
    let kind = |node: &Node| match &node.origin {
        Origin::Given => 'g',
        Origin::Sampled(sampled) if sampled.discarded.is_some() => 'd',
        Origin::Sampled(sampled) if sampled.aside.is_some() => 'a',
        Origin::Sampled(_) => 's',
        Origin::Observed(_) => 'o',
        Origin::Corrective { .. } => 'c',
        Origin::Rewritten { .. } => 'r',
        _ => '?',
    };
    attempt.nodes().iter().map(kind).collect()
}

/// An attempt without what the clock had a part in, to compare it.
pub(crate) fn timeless(attempt: &Trajectory) -> Value {
    fn forget(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("at");
                fields.remove("elapsed_ms");
                fields.values_mut().for_each(forget);
            }
            Value::Array(items) => items.iter_mut().for_each(forget),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(attempt).unwrap();
    forget(&mut value);
    value
}
