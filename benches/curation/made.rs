//! Made attempts, eight at each question, of which every sixth does nearly the same as the one before it.

use offseeker::trajectory::{
    CallStatus, Grade, Message, Node, NodeId, Observed, Origin, Outcome, Question, RunId, Sampled, Source, StopReason,
    ToolCall, ToolSpec, Trajectory, Usage, View,
};
use serde_json::json;

use crate::words::{Dice, word};

/// Attempts at each question.
pub(crate) const ATTEMPTS: usize = 8;
/// Pages that may be shown, of one to two kilobytes.
const PAGES: usize = 20_000;
const WORDS: usize = 20_000;

/// Makes attempts: the same for the same number.
pub(crate) struct Maker {
    words: Vec<String>,
    pages: Vec<String>,
    run: RunId,
}

impl Maker {
    pub(crate) fn new() -> Self {
        let words: Vec<String> = (0..WORDS).map(word).collect();
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut page = |_| {
            let length = 1_000 + dice.below(1_000);
            spelled(&words, &mut dice, length)
        };
        let pages = (0..PAGES).map(&mut page).collect();
        Self { words, pages, run: RunId::new("made") }
    }

    /// The pages that an attempt visits, in their order.
    pub(crate) fn visits(&self, number: usize) -> Vec<usize> {
        let is_copy = number % 6 == 5;
        let mut dice = seeded(if is_copy { number - 1 } else { number });
        let calls = 6 + dice.below(30);
        let mut visits: Vec<usize> = (0..calls).map(|_| dice.below(PAGES)).collect();
        if is_copy {
            // One more at the end, which a sequence of twenty and more hardly notices.
            visits.push(seeded(number).below(PAGES));
        }
        visits
    }

    /// The attempt with a number, graded.
    pub(crate) fn attempt(&self, number: usize) -> Trajectory {
        let mut dice = seeded(number ^ 0x5555);
        let asked = number / ATTEMPTS;
        let text = format!("Which river does the mill of {} stand on?", word(asked + 10_000));
        let place = u32::try_from(number % ATTEMPTS).expect("there are few");
        let mut attempt = Trajectory::in_run(self.run.clone(), Question::new(text.clone(), ["the river Orsa"]), place);
        let parameters = json!({"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]});
        attempt.tools = vec![ToolSpec::new("visit", "Reads a page.", parameters)];
        let mut last = push(&mut attempt, Node::given(None, Message::system("Answer by research.")));
        last = push(&mut attempt, Node::given(Some(last), Message::user(text)));
        let visits = self.visits(number);
        for (turn, page) in visits.iter().enumerate() {
            let url = format!("https://pages.example/{page}");
            let next = visits.get(turn + 1).map(|page| format!("https://pages.example/{page}"));
            last = push(&mut attempt, self.called(last, turn, &url, &mut dice));
            let is_last = turn + 1 == visits.len();
            let ending = if is_last { "It is the river Orsa." } else { "" };
            let text = format!("{}\n{}\n{ending}", self.pages[*page], next.unwrap_or_default());
            last = push(&mut attempt, shown(last, &text, url));
        }
        let right = dice.below(10) < 5;
        let said = if right { "the river Orsa" } else { "the river Lenn" };
        let thought = spelled(&self.words, &mut dice, 300);
        let message = Message::assistant(format!("<think>\n{thought}\n</think>\n<answer>{said}</answer>"));
        push(&mut attempt, Node::new(Some(last), message, Origin::Sampled(Sampled::default())));
        attempt.answer = Some(said.to_owned());
        attempt.stop = Some(if dice.below(20) == 0 { StopReason::Cancelled } else { StopReason::Answered });
        let outcome = if right { Outcome::Correct } else { Outcome::Wrong };
        attempt.grades = vec![Grade::scored("exact@1", outcome, if right { 1.0 } else { 0.0 })];
        attempt
    }

    fn called(&self, last: NodeId, turn: usize, url: &str, dice: &mut Dice) -> Node {
        let arguments = json!({"url": url}).to_string();
        let thought = spelled(&self.words, dice, 300);
        let content = format!(
            "<think>\n{thought}\n</think>\n<tool_call>\n{{\"name\": \"visit\", \"arguments\": {arguments}}}\n</tool_call>"
        );
        let call = ToolCall::new(format!("call_{turn}_0"), "visit", arguments);
        let usage =
            Usage { requests: 1, prompt_tokens: 500 * (turn as u64 + 1), completion_tokens: 100, ..Usage::default() };
        let sampled = Sampled { usage, calls: vec![call], ..Sampled::default() };
        Node::new(Some(last), Message::assistant(content), Origin::Sampled(sampled))
    }
}

fn shown(last: NodeId, text: &str, url: String) -> Node {
    let observed = Observed { sources: vec![Source { url, view: View::Page }], ..Observed::new(CallStatus::Ok) };
    Node::observed(last, Message::user(format!("<tool_response>\n{text}\n</tool_response>")), observed)
}

fn seeded(number: usize) -> Dice {
    Dice(0x2545_f491_4f6c_dd1d ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn push(attempt: &mut Trajectory, node: Node) -> NodeId {
    attempt.push(node).expect("a node follows on the one before it")
}

/// Words of so many bytes in all.
fn spelled(words: &[String], dice: &mut Dice, length: usize) -> String {
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        text.push_str(&words[dice.below(words.len())]);
        text.push(' ');
    }
    text
}
