//! Made attempts: pages that many of them were shown, and thoughts that nobody else had.

use offseeker::trajectory::{
    CallStatus, Finish, Message, Moment, Node, NodeId, Observed, Origin, Question, RunId, Sampled, Source, StopReason,
    ToolCall, ToolSpec, Trajectory, Usage, View,
};
use serde_json::json;

use crate::words::{Dice, word};
use crate::zipf::Zipf;

/// The turns of an attempt: all but the last call a tool.
const STEPS: usize = 20;
/// Pages that may be shown, of one and a half to three kilobytes.
const PAGES: usize = 20_000;
/// Attempts at each question.
const ATTEMPTS: usize = 4;
const WORDS: usize = 50_000;

/// Makes attempts: the same for the same number.
pub(crate) struct Maker {
    words: Vec<String>,
    by_use: Zipf,
    pages: Vec<String>,
    by_visits: Zipf,
    system: String,
    run: RunId,
}

impl Maker {
    pub(crate) fn new(run: RunId) -> Self {
        let (words, by_use) = ((0..WORDS).map(word).collect::<Vec<_>>(), Zipf::of(WORDS));
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let system = spelled(&words, &by_use, &mut dice, 2_000);
        let mut page = |_| {
            let length = 1_500 + dice.below(1_500);
            spelled(&words, &by_use, &mut dice, length)
        };
        let pages = (0..PAGES).map(&mut page).collect();
        Self { words, by_use, pages, by_visits: Zipf::of(PAGES), system, run }
    }

    /// The attempt with a number; it has its end and its answer.
    pub(crate) fn attempt(&self, number: usize) -> Trajectory {
        let mut dice = Dice(0x2545_f491_4f6c_dd1d ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let asked = number / ATTEMPTS;
        let text = format!("Which river does the mill of {} stand on?", word(asked));
        let place = u32::try_from(number % ATTEMPTS).expect("there are few");
        let mut attempt = Trajectory::in_run(self.run.clone(), Question::new(text.clone(), ["the Orsa"]), place);
        attempt.model = Some("made".to_owned());
        let parameters = json!({"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]});
        attempt.tools = vec![ToolSpec::new("visit", "Reads a page.", parameters)];
        let mut last = push(&mut attempt, Node::given(None, Message::system(self.system.clone())));
        last = push(&mut attempt, Node::given(Some(last), Message::user(text)));
        for turn in 1..STEPS {
            let page = self.by_visits.draw(&mut dice);
            let url = format!("https://pages.example/{page}");
            last = push(&mut attempt, self.called(last, turn, &url, &mut dice));
            last = push(&mut attempt, self.shown(last, page, url));
        }
        let thought = spelled(&self.words, &self.by_use, &mut dice, 400);
        let answer = Message::assistant(format!("<think>\n{thought}\n</think>\n<answer>the Orsa</answer>"));
        push(&mut attempt, Node::new(Some(last), answer, Origin::Sampled(sampled(Vec::new()))));
        // Every fourth attempt gives up.
        (attempt.stop, attempt.answer) = match place {
            0 => (Some(StopReason::Malformed), None),
            _ => (Some(StopReason::Answered), Some("the Orsa".to_owned())),
        };
        attempt
    }

    fn called(&self, last: NodeId, turn: usize, url: &str, dice: &mut Dice) -> Node {
        let arguments = json!({"url": url}).to_string();
        let thought = spelled(&self.words, &self.by_use, dice, 400);
        let content = format!(
            "<think>\n{thought}\n</think>\n<tool_call>\n{{\"name\": \"visit\", \"arguments\": {arguments}}}\n</tool_call>"
        );
        let call = ToolCall::new(format!("call_{turn}_0"), "visit", arguments);
        Node::new(Some(last), Message::assistant(content), Origin::Sampled(sampled(vec![call])))
    }

    fn shown(&self, last: NodeId, page: usize, url: String) -> Node {
        let text = format!("<tool_response>\n{}\n</tool_response>", self.pages[page]);
        let observed = Observed { sources: vec![Source { url, view: View::Page }], ..Observed::new(CallStatus::Ok) };
        Node::observed(last, Message::user(text), observed)
    }
}

fn sampled(calls: Vec<ToolCall>) -> Sampled {
    let usage = Usage { requests: 1, prompt_tokens: 9_000, completion_tokens: 150, ..Usage::default() };
    Sampled { usage, finish: Some(Finish::Stop { on: None }), calls, ..Sampled::default() }
}

fn push(attempt: &mut Trajectory, mut node: Node) -> NodeId {
    let place = attempt.nodes().len() as u64;
    node.at = Some(Moment { clock_ms: 1_790_000_000_000 + place * 1_700, spent_ms: place * 1_700, waited_ms: 0 });
    attempt.push(node).expect("a node follows on the one before it")
}

/// Words of so many bytes in all.
fn spelled(words: &[String], by_use: &Zipf, dice: &mut Dice, length: usize) -> String {
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        text.push_str(&words[by_use.draw(dice)]);
        text.push(' ');
    }
    text
}
