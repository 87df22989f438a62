//! An attempt as the running text that some scorers read.

use offseeker_trajectory::{Finish, Node, Origin, Sampled, Trajectory};

/// The conversation that the attempt ended in, from its first message to its last: what was thrown away, and what was asked
/// beside the attempt, is not in it.
fn course(attempt: &Trajectory) -> Vec<&Node> {
    let branches = attempt.branches();
    let last = branches.iter().rfind(|branch| !branch.is_discarded() && !branch.is_aside());
    last.map(|branch| branch.path().iter().filter_map(|id| attempt.node(*id)).collect()).unwrap_or_default()
}

/// Cuts the conversation before the first message that the model wrote.
fn parted(attempt: &Trajectory) -> (Vec<&Node>, Vec<&Node>) {
    let mut before = course(attempt);
    let first = before.iter().position(|node| node.as_sampled().is_some()).unwrap_or(before.len());
    let after = before.split_off(first);
    (before, after)
}

/// What was given to the model before it wrote anything: the prompt.
#[must_use]
pub fn given(attempt: &Trajectory) -> String {
    parted(attempt).0.iter().map(|node| node.message.content.as_str()).collect()
}

/// Everything from the first message of the model on, as Search-R1 has it in one text.
///
/// Reasoning that came apart from the text stands in `<think>`, calls that came apart from it in `<search>`, what tools
/// answered in `<information>`, unless the tags are there already. A closing tag at which the server stopped is added where
/// the message lacks it.
#[must_use]
pub fn response(attempt: &Trajectory) -> String {
    parted(attempt).1.into_iter().map(rendered).collect()
}

/// What the model wrote in the conversation that the attempt ended in, without what it read.
#[must_use]
pub fn written(attempt: &Trajectory) -> String {
    parted(attempt).1.into_iter().filter(|node| node.as_sampled().is_some()).map(rendered).collect()
}

/// The last message that the model wrote in the conversation that the attempt ended in.
#[must_use]
pub fn last_reply(attempt: &Trajectory) -> Option<&str> {
    course(attempt).into_iter().rev().find(|node| node.as_sampled().is_some()).map(|node| node.message.content.as_str())
}

fn rendered(node: &Node) -> String {
    let message = &node.message;
    match &node.origin {
        Origin::Sampled(sampled) => {
            let reasoning = message.reasoning.as_ref().map(|reasoning| format!("<think>{reasoning}</think>"));
            let calls = message.tool_calls.iter().map(|call| format!("<search>{}</search>", call.arguments));
            let closer = closer(sampled, &message.content).map(str::to_owned);
            reasoning.into_iter().chain([message.content.clone()]).chain(closer).chain(calls).collect()
        }
        Origin::Observed(_) if !message.content.contains("<information>") => {
            format!("<information>{}</information>", message.content)
        }
        _ => message.content.clone(),
    }
}

/// The closing tag that a server stopped at and left out.
fn closer<'a>(sampled: &'a Sampled, content: &str) -> Option<&'a str> {
    match &sampled.finish {
        Some(Finish::Stop { on: Some(tag) }) if tag.starts_with("</") && !content.ends_with(tag.as_str()) => Some(tag),
        _ => None,
    }
}
