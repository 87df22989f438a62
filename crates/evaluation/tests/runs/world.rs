//! A small world: questions, a model that looks once before it answers, a judge.

use std::sync::Arc;

use offseeker_agent_loop::{Agent, Limits, Tools};
use offseeker_chat::{ChatError, ChatModel, Reply, Request, Scripted};
use offseeker_evaluation::{Benchmark, Evaluation};
use offseeker_grading::judges::{Form, JudgeGrader};
use offseeker_grading::{Judge, scorers};
use offseeker_tools::{Function, Observation, Tool};
use offseeker_trajectory::{Message, Question, Role, Source, Usage, View};
use offseeker_trajectory_store::RunStore;

/// So many questions, of which every other one is answered by the Orsa.
pub(crate) fn questions(count: u32) -> Vec<Question> {
    let question = |number: u32| {
        let river = if number.is_multiple_of(2) { "the Orsa" } else { "the Lenne" };
        let mut question = Question::new(format!("Which river does mill {number} stand on?"), [river]);
        question.metadata.insert("hops".to_owned(), (number % 3).into());
        question
    };
    (0..count).map(question).collect()
}

pub(crate) fn benchmark(count: u32) -> Benchmark {
    Benchmark::of("mills", questions(count)).unwrap()
}

pub(crate) fn evaluation(benchmark: Benchmark, store: Arc<dyn RunStore>) -> Evaluation {
    Evaluation::new(benchmark, store, "2026-11-22").graded_by(scorers::Match)
}

pub(crate) fn reply(text: impl Into<String>) -> Result<Reply, ChatError> {
    let usage = Usage { requests: 1, prompt_tokens: 20, completion_tokens: 5, cost_microusd: 100, ..Usage::default() };
    Ok(Reply { usage, ..Reply::new(Message::assistant(text)) })
}

/// The number in what is asked.
pub(crate) fn number(request: &Request<'_>) -> u32 {
    let asked = request.messages.iter().find(|message| message.role == Role::User).unwrap();
    let words = asked.content.split("does mill ").nth(1).unwrap();
    words.split(' ').next().unwrap().parse().unwrap()
}

pub(crate) fn turns(request: &Request<'_>) -> usize {
    request.messages.iter().filter(|message| message.role == Role::Assistant).count()
}

pub(crate) const LOOK: &str = "<tool_call>{\"name\": \"look\", \"arguments\": {\"at\": \"the mill\"}}</tool_call>";

/// Looks once, unless it is asked for the answer now, and then always says the same.
pub(crate) fn looker() -> Scripted {
    Scripted::by(|request| {
        let is_last = request.messages.last().unwrap().content.contains("You have reached");
        if turns(&request) == 0 && !is_last { reply(LOOK) } else { reply("<answer>the Orsa</answer>") }
    })
    .named("looker")
}

pub(crate) fn agent(model: Arc<dyn ChatModel>) -> Agent {
    let limits = Limits { turns: 6, ..Limits::default() };
    Agent::new(model, Tools::made_of(|| vec![Box::new(look()) as Box<dyn Tool>])).limited(limits)
}

pub(crate) fn look() -> impl Tool {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Look {
        at: String,
    }
    Function::new("look", "Looks.", async |look: Look| {
        let sources = vec![Source { url: "https://karlin.example/mill".to_owned(), view: View::Page }];
        Ok(Observation { sources, ..Observation::ok(format!("At {} there is water.", look.at)) })
    })
}

/// A judge that says by a rule whether an answer is right.
pub(crate) fn judge(rule: impl Fn(&str) -> &'static str + Send + Sync + 'static) -> JudgeGrader {
    let model = Scripted::by(move |request| reply(rule(&request.messages.last().unwrap().content)));
    JudgeGrader::new(Judge::new(Arc::new(model.named("a judge"))), Form::Tag).votes(1)
}
