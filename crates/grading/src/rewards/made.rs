//! Attempts, judges and graders that tests are about.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use offseeker_chat::{ChatError, Reply, Request, Scripted};
use offseeker_trajectory::{
    CallStatus, Grade, Message, Node, NodeId, Observed, Origin, Outcome, Question, Sampled, Source, StopReason,
    ToolCall, Trajectory, View,
};

use crate::{GradeError, Grader, GroupGrader, Judge};

/// An attempt at a question about a mill, with nothing done yet.
pub(crate) fn attempt() -> Trajectory {
    numbered(0)
}

pub(crate) fn numbered(number: u32) -> Trajectory {
    let mut attempt =
        Trajectory::new(Question::new("Which river does the Karlin mill stand on?", ["the Orsa"]), number);
    attempt.push(Node::given(None, Message::user("Which river does the Karlin mill stand on?"))).unwrap();
    attempt
}

/// Something that an attempt goes on with.
pub(crate) trait Goes: Sized {
    fn knows(self, key: &str, value: serde_json::Value) -> Self;
    fn says(self, text: &str) -> Self;
    fn thinks(self, reasoning: &str) -> Self;
    fn calls(self, name: &str, arguments: &str) -> Self;
    fn sees(self, text: &str, urls: &[&str]) -> Self;
    fn told(self, status: CallStatus, text: &str) -> Self;
    fn answers(self, text: &str) -> Self;
    fn stops(self, why: StopReason) -> Self;
}

fn tip(attempt: &Trajectory) -> NodeId {
    attempt.ids().last().unwrap()
}

impl Goes for Trajectory {
    fn knows(mut self, key: &str, value: serde_json::Value) -> Self {
        self.question.metadata.insert(key.to_owned(), value);
        self
    }

    fn says(mut self, text: &str) -> Self {
        self.push(Node::sampled(tip(&self), Message::assistant(text))).unwrap();
        self
    }

    fn thinks(mut self, reasoning: &str) -> Self {
        let message = Message { reasoning: Some(reasoning.to_owned()), ..Message::assistant("") };
        self.push(Node::sampled(tip(&self), message)).unwrap();
        self
    }

    fn calls(mut self, name: &str, arguments: &str) -> Self {
        let sampled = Sampled { calls: vec![ToolCall::new("", name, arguments)], ..Sampled::default() };
        let text =
            format!("<think>on</think><tool_call>{{\"name\": \"{name}\", \"arguments\": {arguments}}}</tool_call>");
        let node = Node::new(Some(tip(&self)), Message::assistant(text), Origin::Sampled(sampled));
        self.push(node).unwrap();
        self
    }

    fn sees(mut self, text: &str, urls: &[&str]) -> Self {
        let sources = urls.iter().map(|url| Source { url: (*url).to_owned(), view: View::Page }).collect();
        let observed = Observed { sources, ..Observed::new(CallStatus::Ok) };
        self.push(Node::observed(tip(&self), Message::tool("", "visit", text), observed)).unwrap();
        self
    }

    fn told(mut self, status: CallStatus, text: &str) -> Self {
        self.push(Node::observed(tip(&self), Message::tool("", "visit", text), Observed::new(status))).unwrap();
        self
    }

    fn answers(self, text: &str) -> Self {
        let mut attempt = self.says(&format!("<think>so</think><answer>{text}</answer>"));
        attempt.answer = Some(text.to_owned());
        attempt.stops(StopReason::Answered)
    }

    fn stops(mut self, why: StopReason) -> Self {
        self.stop = Some(why);
        self
    }
}

/// A judge that says these texts one after the other.
pub(crate) fn saying(texts: &[&str]) -> Judge {
    Judge::new(Arc::new(Scripted::saying(texts.to_vec())))
}

/// A judge that answers each prompt by a rule.
pub(crate) fn ruling(rule: impl Fn(&str) -> String + Send + Sync + 'static) -> Judge {
    let rule = move |request: Request<'_>| Ok(Reply::new(Message::assistant(rule(&request.messages[0].content))));
    Judge::new(Arc::new(Scripted::by(rule)))
}

/// A judge that cannot be reached.
pub(crate) fn unreachable() -> Judge {
    Judge::new(Arc::new(Scripted::by(|_| Err(ChatError::Transient { reason: "it is down".to_owned() }))))
}

/// A judge that says nothing of use, however often it is asked.
pub(crate) fn babbling() -> Judge {
    ruling(|_| "I would rather not say.".to_owned())
}

/// What stands in a text between two others, the first time that the first of them occurs.
pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or(rest, |(inner, _)| inner).trim()
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(crate) fn graded(grader: &dyn Grader, attempt: &Trajectory) -> Grade {
    let grade = run(grader.grade(attempt)).unwrap();
    assert_eq!(grade.grader, grader.name());
    grade
}

pub(crate) fn group_graded(grader: &dyn GroupGrader, attempts: &[Trajectory]) -> Vec<Grade> {
    let grades = run(grader.grade(attempts)).unwrap();
    assert_eq!(grades.len(), attempts.len());
    assert!(grades.iter().all(|grade| grade.grader == grader.name()));
    grades
}

/// Why an attempt has no value.
pub(crate) fn reason(grade: &Grade) -> &str {
    assert_eq!(grade.value, None, "{grade:?}");
    match &grade.outcome {
        Outcome::Unscored { reason } => reason,
        other => panic!("{other:?} is no reason"),
    }
}

#[track_caller]
pub(crate) fn near(found: impl Into<Option<f64>>, expected: f64) {
    let found = found.into();
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?}, not {expected}");
}

/// What every grader that asks a judge keeps to: an outage is an error, babble and our own failures leave no value.
pub(crate) fn never_nought_for_want_of_a_judge<G: Grader>(make: impl Fn(Judge) -> G, attempt: &Trajectory) {
    let outage = run(make(unreachable()).grade(attempt));
    assert!(matches!(outage, Err(GradeError::Judge { .. })), "{outage:?}");
    assert!(reason(&graded(&make(babbling()), attempt)).contains("could not be read"));
    ours_is_unscored(&make(unreachable()), attempt);
}

/// An attempt that ended through no fault of its own, or goes on still, has no value.
pub(crate) fn ours_is_unscored(grader: &dyn Grader, attempt: &Trajectory) {
    let failed = attempt.clone().stops(StopReason::ModelFailure { reason: "down".to_owned() });
    assert!(reason(&graded(grader, &failed)).contains("no fault of its own"));
    let mut under_way = attempt.clone();
    (under_way.stop, under_way.answer) = (None, None);
    assert!(reason(&graded(grader, &under_way)).contains("under way"));
}

/// A grader that says what it was made with, and counts how often it is asked.
#[derive(Debug, Default)]
pub(crate) struct Fixed {
    values: Vec<Option<f64>>,
    outcome: Option<Outcome>,
    pub(crate) asked: AtomicU32,
}

impl Fixed {
    pub(crate) fn at(value: f64) -> Arc<Self> {
        Self::by_attempt(&[Some(value)])
    }

    pub(crate) fn none() -> Arc<Self> {
        Self::by_attempt(&[None])
    }

    /// The value at the place that is the number of the attempt.
    pub(crate) fn by_attempt(values: &[Option<f64>]) -> Arc<Self> {
        Arc::new(Self { values: values.to_vec(), ..Self::default() })
    }

    pub(crate) fn with(outcome: Outcome, value: f64) -> Arc<Self> {
        Arc::new(Self { values: vec![Some(value)], outcome: Some(outcome), asked: AtomicU32::new(0) })
    }
}

#[async_trait]
impl Grader for Fixed {
    fn name(&self) -> &str {
        "fixed@1"
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let at = attempt.attempt as usize % self.values.len();
        let unknown = Outcome::Unscored { reason: "it is not known here".to_owned() };
        let mut grade = Grade::unscored("fixed@1", "nobody knows");
        if let Some(value) = self.values[at] {
            grade = Grade::scored("fixed@1", self.outcome.clone().unwrap_or(unknown), value);
            grade.components.insert("half".to_owned(), value / 2.0);
        }
        Ok(grade)
    }
}
