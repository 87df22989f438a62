//! Made attempts: a good one, of which tests change what they are about.

use std::sync::LazyLock;

use offseeker_curation::{Digest, Digester};
use offseeker_trajectory::{
    CallStatus, Correction, Grade, Message, Node, NodeId, Observed, Origin, Outcome, Question, Repair, RunId, Sampled,
    SampledTokens, Source, StopReason, ToolCall, Trajectory, Usage, View,
};

/// A call and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) thought: String,
    pub(crate) name: &'static str,
    pub(crate) arguments: String,
    pub(crate) repair: Repair,
    pub(crate) status: CallStatus,
    pub(crate) shown: String,
    pub(crate) sources: Vec<Source>,
    /// What the loop says after it.
    pub(crate) note: Option<Correction>,
    /// Whether a reply was thrown away before it.
    pub(crate) resampled: bool,
}

/// An attempt that is yet to be made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) question: String,
    pub(crate) gold: &'static str,
    pub(crate) number: u32,
    pub(crate) calls: Vec<Call>,
    pub(crate) last_thought: String,
    pub(crate) answer: Option<String>,
    pub(crate) stop: Option<StopReason>,
    pub(crate) grades: Vec<Grade>,
    pub(crate) tokens: u64,
    pub(crate) sampled_tokens: bool,
}

/// Its patterns take a while to compile.
static DIGESTER: LazyLock<Digester> = LazyLock::new(Digester::default);

pub(crate) fn digest_of(attempt: &Trajectory) -> Digest {
    DIGESTER.digest(attempt)
}

pub(crate) const THOUGHT: &str = "The mill was built by a painter, so I look for the places where painters lived then.";

pub(crate) fn url(number: usize) -> String {
    format!("https://karlin.example/page/{number}")
}

/// A call that opens a page, which names the next one.
pub(crate) fn call(number: usize) -> Call {
    Call {
        thought: THOUGHT.to_owned(),
        name: "visit",
        arguments: format!("{{\"url\": \"{}\"}}", url(number)),
        repair: Repair::None,
        status: CallStatus::Ok,
        shown: format!("The mill of page {number} stands on the Orsa. See {}.", url(number + 1)),
        sources: vec![Source { url: url(number), view: View::Page }],
        note: None,
        resampled: false,
    }
}

/// A right attempt with which nothing is wrong: ten calls, each of a page that was shown before. Attempts with other
/// numbers visit other pages.
pub(crate) fn good(number: u32) -> Made {
    let first = number as usize * 100;
    let mut calls: Vec<Call> = (first..first + 10).map(call).collect();
    calls[0].name = "search";
    calls[0].arguments = format!("{{\"query\": [\"mill {number}\"]}}");
    calls[0].sources = vec![Source { url: url(first), view: View::Snippet }];
    Made {
        question: "Which river does the Karlin mill stand on?".to_owned(),
        gold: "the Orsa",
        number,
        calls,
        last_thought: THOUGHT.to_owned(),
        answer: Some("the Orsa".to_owned()),
        stop: Some(StopReason::Answered),
        grades: vec![Grade::scored("exact@1", Outcome::Correct, 1.0)],
        tokens: 5_000,
        sampled_tokens: false,
    }
}

/// The same, but wrong.
pub(crate) fn wrong(number: u32) -> Made {
    let mut made = good(number);
    made.answer = Some("the Lenn".to_owned());
    made.calls[5].shown.push_str(" Others say the Lenn.");
    made.grades = vec![Grade::scored("exact@1", Outcome::Wrong, 0.0)];
    made
}

impl Made {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn make(&self) -> Trajectory {
        let question = Question::new(self.question.clone(), [self.gold]);
        let mut attempt = Trajectory::in_run(RunId::new("made"), question, self.number);
        let mut last = push(&mut attempt, Node::given(None, Message::system("Answer by research.")));
        last = push(&mut attempt, Node::given(Some(last), Message::user(self.question.clone())));
        for call in &self.calls {
            last = self.turn(&mut attempt, last, call);
        }
        let usage = Usage { requests: 1, prompt_tokens: self.tokens, ..Usage::default() };
        let answer = self.answer.as_deref().map(|answer| format!("<answer>{answer}</answer>")).unwrap_or_default();
        let message = Message::assistant(format!("<think>{}</think>{answer}", self.last_thought));
        let sampled = Sampled { usage, tokens: self.ids(last), ..Sampled::default() };
        push(&mut attempt, Node::new(Some(last), message, Origin::Sampled(sampled)));
        attempt.answer.clone_from(&self.answer);
        attempt.stop.clone_from(&self.stop);
        attempt.grades.clone_from(&self.grades);
        attempt
    }

    fn turn(&self, attempt: &mut Trajectory, mut last: NodeId, call: &Call) -> NodeId {
        if call.resampled {
            let sampled = Sampled { discarded: Some("it has no end".to_owned()), ..Sampled::default() };
            push(attempt, Node::new(Some(last), Message::assistant("<tool_call>{"), Origin::Sampled(sampled)));
            last = push(attempt, Node::corrective(last, Message::user("Say it again."), Correction::Unreadable));
        }
        let text = format!("<think>{}</think><tool_call>{}</tool_call>", call.thought, call.arguments);
        let read = ToolCall { repair: call.repair, ..ToolCall::new("", call.name, call.arguments.clone()) };
        let sampled = Sampled { calls: vec![read], tokens: self.ids(last), ..Sampled::default() };
        last = push(attempt, Node::new(Some(last), Message::assistant(text), Origin::Sampled(sampled)));
        let observed = Observed { sources: call.sources.clone(), ..Observed::new(call.status) };
        last = push(attempt, Node::observed(last, Message::user(call.shown.clone()), observed));
        match call.note {
            Some(why) => push(attempt, Node::corrective(last, Message::user("Go on."), why)),
            None => last,
        }
    }

    fn ids(&self, before: NodeId) -> Option<SampledTokens> {
        let first = before.index() as u32 * 10;
        self.sampled_tokens.then(|| SampledTokens::new(vec![first, first + 1], vec![-0.5, -0.25]).unwrap())
    }
}

pub(crate) fn push(attempt: &mut Trajectory, node: Node) -> NodeId {
    attempt.push(node).unwrap()
}
