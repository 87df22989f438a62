//! What an attempt said, what it was told, and how it ended, as rewards read it.

use std::borrow::Cow;

use offseeker_trajectory::{Grade, Message, Node, NodeId, Observed, Origin, Outcome, Trajectory};

/// The most bytes of one text that a judge is shown.
pub(crate) const MOST_SHOWN: usize = 96 << 10;

/// The turns of the model that were kept, in the order in which they were written.
pub(crate) fn turns(attempt: &Trajectory) -> impl Iterator<Item = (NodeId, &Node)> {
    let nodes = attempt.ids().zip(attempt.nodes());
    nodes.filter(|(_, node)| {
        node.as_sampled().is_some_and(|sampled| sampled.discarded.is_none() && sampled.aside.is_none())
    })
}

/// What tools answered, in the order in which they did.
pub(crate) fn observations(attempt: &Trajectory) -> impl Iterator<Item = (NodeId, &Observed, &str)> {
    attempt.ids().zip(attempt.nodes()).filter_map(|(id, node)| match &node.origin {
        Origin::Observed(observed) => Some((id, observed, node.message.content.as_str())),
        _ => None,
    })
}

/// The calls of the turns that were kept.
pub(crate) fn calls(attempt: &Trajectory) -> impl Iterator<Item = &offseeker_trajectory::ToolCall> {
    turns(attempt).flat_map(|(_, node)| calls_of(node))
}

/// The calls of one turn: those that were read out of it, or those that a server handed over.
pub(crate) fn calls_of(node: &Node) -> &[offseeker_trajectory::ToolCall] {
    match node.as_sampled() {
        Some(sampled) if !sampled.calls.is_empty() => &sampled.calls,
        _ => &node.message.tool_calls,
    }
}

/// The answer, where there is one that says something.
pub(crate) fn answer(attempt: &Trajectory) -> Option<&str> {
    attempt.answer.as_deref().map(str::trim).filter(|answer| !answer.is_empty())
}

/// Why an attempt says nothing about its question, as a grade: it is under way, or ended through no fault of its own.
pub(crate) fn unfit(grader: &str, attempt: &Trajectory) -> Option<Grade> {
    match &attempt.stop {
        Some(stop) if stop.is_infrastructure() => {
            Some(Grade::unscored(grader, format!("the attempt ended through no fault of its own: {}", stop.kind())))
        }
        None if attempt.answer.is_none() => Some(Grade::unscored(grader, "the attempt is still under way")),
        _ => None,
    }
}

/// A grade with a value that does not say whether the answer is right.
pub(crate) fn measured(grader: &str, attempt: &Trajectory, value: f64) -> Grade {
    if !value.is_finite() {
        return Grade::unscored(grader, format!("it comes to {value}; check the weights"));
    }
    let outcome = if answer(attempt).is_some() {
        Outcome::Unscored { reason: "whether the answer is right is not what is measured here".to_owned() }
    } else {
        Outcome::NoAnswer
    };
    Grade::scored(grader, outcome, value)
}

/// A message as it is written in one text: reasoning and calls that a server handed over apart are put into tags.
pub(crate) fn written(message: &Message) -> Cow<'_, str> {
    if message.reasoning.is_none() && message.tool_calls.is_empty() {
        return Cow::Borrowed(&message.content);
    }
    let mut text = String::new();
    if let Some(reasoning) = &message.reasoning {
        text.push_str(&format!("<think>{reasoning}</think>\n"));
    }
    text.push_str(&message.content);
    for call in &message.tool_calls {
        let name = serde_json::Value::from(call.name.as_str());
        let call = format!("\n<tool_call>{{\"name\": {name}, \"arguments\": {}}}</tool_call>", call.arguments);
        text.push_str(&call);
    }
    Cow::Owned(text)
}

/// A text of at most so many bytes: where it is longer, its middle is left out and said to be.
pub(crate) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let head = text.floor_char_boundary(most / 2);
    let tail = text.ceil_char_boundary(text.len() - most / 2);
    Cow::Owned(format!("{}\n[... {} bytes left out ...]\n{}", &text[..head], tail - head, &text[tail..]))
}

/// The nodes of an attempt from `skipped` on as one text of at most so many bytes, each message under who speaks.
pub(crate) fn transcript(attempt: &Trajectory, skipped: usize, most: usize) -> String {
    let kept = attempt.nodes().iter().filter(|node| !node.is_discarded()).skip(skipped);
    let texts: Vec<String> =
        kept.map(|node| format!("[{}]\n{}", node.message.role, written(&node.message).trim())).collect();
    clipped(&texts.join("\n\n"), most).into_owned()
}

/// Words of a text: runs without white space, and each Chinese, Japanese or Korean character by itself.
pub(crate) fn words(text: &str) -> usize {
    text.split_whitespace()
        .map(|run| {
            let single = run.chars().filter(|c| is_cjk(*c)).count();
            let others = run.split(is_cjk).filter(|part| part.chars().any(char::is_alphanumeric)).count();
            single + others
        })
        .sum()
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
