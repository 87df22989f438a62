//! Attempts to check stores with.

use offseeker_trajectory::{
    CallStatus, Correction, Finish, Message, Moment, Node, NodeId, Observed, Question, Repair, Sampled, SampledTokens,
    Source, ToolCall, ToolSpec, Trajectory, Usage, View,
};
use serde_json::json;

use crate::{Entry, Manifest};

/// Texts that some store could fail to give back.
pub(super) const TEXTS: [&str; 6] = [
    "",
    "The mill stands on the Orsa.",
    "卡林磨坊 cafe\u{301} \u{1f30a} \u{2028}",
    "a zero \0 and a bell \u{7}",
    "\"quotes\", \\backslashes\\ and {\"$blob\": \"braces\"}",
    "\u{feff}\r\n\t \u{10ffff}",
];

/// An attempt with everything in it that a node can hold, to check formats and stores with. Its end is not written.
///
/// The same number gives the same attempt; attempts of one run share the text of their observations.
#[must_use]
pub fn attempt(run: &str, number: u32) -> Trajectory {
    let manifest = Manifest::new(run, 7);
    let run = manifest.id().unwrap_or_else(|error| unreachable!("a manifest of plain text has an id: {error}"));
    let mut made = Trajectory::in_run(run, question(number / 2), number % 2);
    made.model = Some(if number.is_multiple_of(3) { "small" } else { "large" }.to_owned());
    made.tools.push(ToolSpec {
        name: "search".to_owned(),
        description: "Searches.".to_owned(),
        parameters: json!({"type": "object", "properties": {"query": {"type": "string"}}}),
    });
    made.metadata.insert("seed".to_owned(), json!(number));
    for node in nodes(number) {
        made.push(node).unwrap_or_else(|error| unreachable!("each node refers to earlier ones: {error}"));
    }
    made
}

pub(super) fn question(number: u32) -> Question {
    let mut question = Question::new(format!("Which river does mill {number} stand on? 河"), ["the Orsa"]);
    question.metadata.insert("hops".to_owned(), json!(number));
    question
}

/// What writes an attempt: its beginning, and each of its nodes.
pub(super) fn entries(made: &Trajectory) -> Vec<Entry> {
    let mut beginning = Trajectory::new(made.question.clone(), made.attempt);
    beginning.id = made.id.clone();
    beginning.run.clone_from(&made.run);
    beginning.model.clone_from(&made.model);
    beginning.tools.clone_from(&made.tools);
    beginning.metadata.clone_from(&made.metadata);
    let nodes = made.ids().zip(made.nodes()).map(|(place, node)| Entry::Node {
        attempt: made.id.clone(),
        place,
        node: Box::new(node.clone()),
    });
    std::iter::once(Entry::Begin(Box::new(beginning))).chain(nodes).collect()
}

fn nodes(number: u32) -> Vec<Node> {
    let at = |place: u32| Some(NodeId::new(place));
    let usage = Usage { requests: 1, prompt_tokens: 12, completion_tokens: 3, cost_microusd: 5, ..Usage::default() };
    let call = ToolCall { repair: Repair::Json5, ..ToolCall::new("c1", "search", "{query: 'mill'}") };
    let sampled = Sampled {
        tokens: SampledTokens::new(vec![1, u32::MAX], vec![-0.1, f32::MIN]).ok(),
        usage,
        finish: Some(Finish::Stop { on: Some("</tool_call>".to_owned()) }),
        calls: vec![call.clone(), call.clone()],
        ..Sampled::default()
    };
    let observed = Observed {
        status: CallStatus::Ok,
        sources: vec![Source { url: "karlin:mill".to_owned(), view: View::Page }],
        elapsed_ms: 12,
        usage,
    };
    let sampling = |sampled: Sampled| offseeker_trajectory::Origin::Sampled(sampled);
    let page = "The Karlin mill stands on the Orsa. ".repeat(100);
    let mut nodes = vec![
        Node::given(None, Message::system(TEXTS[2])),
        Node::given(at(0), Message::user(TEXTS[4])),
        Node::new(
            at(1),
            Message::assistant("{"),
            sampling(Sampled { discarded: Some("no call".to_owned()), usage, ..Sampled::default() }),
        ),
        Node::corrective(NodeId::new(1), Message::user("Once more."), Correction::Unreadable),
        Node::new(
            at(3),
            Message { reasoning: Some(TEXTS[3].to_owned()), tool_calls: vec![call], ..Message::assistant(TEXTS[5]) },
            sampling(sampled),
        ),
        Node::observed(NodeId::new(4), Message::tool("c1", "search", &page), observed.clone()),
        Node::observed(NodeId::new(5), Message::tool("c1", "search", format!("{page}{number}")), observed),
        Node::new(
            at(4),
            Message::user("It stands on the Orsa."),
            offseeker_trajectory::Origin::Rewritten { of: vec![NodeId::new(5), NodeId::new(6)] },
        ),
    ];
    for (place, node) in (0..).zip(&mut nodes) {
        let begun = 1_700_000_000_000 + u64::from(number) * 1_000;
        node.at = Some(Moment { clock_ms: begun + place, spent_ms: place, waited_ms: place / 2 });
    }
    nodes
}
