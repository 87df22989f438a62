//! How much an attempt may take, and the one turn that is left to it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use offseeker_agent_loop::{Agent, Limits, LoopGuard, Tools};
use offseeker_chat::{ChatError, ChatModel, ChatModelExt, Rates, Reply, Request, Scripted};
use offseeker_trajectory::{Limit, Message, Origin, StopReason, Usage};

use crate::world::{Counter, agent, answer, end, look, question, says, tools};

fn endless() -> (Agent, Arc<Scripted>, Arc<Counter>) {
    let (agent, model, counter) = agent(vec![says(look(&["mill"]))]);
    (agent.guarded(LoopGuard::off()), model, counter)
}

#[tokio::test(start_paused = true)]
async fn turns_and_calls_and_requests_are_counted_exactly() {
    let table = [
        (Limits { turns: 1, ..Limits::default() }, 1, 0),
        (Limits { turns: 7, ..Limits::default() }, 7, 6),
        (Limits::default(), 100, 99),
        (Limits { calls: 0, ..Limits::default() }, 1, 0),
        (Limits { calls: 5, ..Limits::default() }, 6, 5),
        (Limits { requests: Some(4), ..Limits::default() }, 4, 3),
    ];
    for (limits, requests, calls) in table {
        let (agent, model, counter) = endless();
        let attempt = agent.limited(limits.clone()).attempt(&question()).await;
        assert!(matches!(end(&attempt).0, StopReason::Limit { .. }), "{limits:?}");
        assert_eq!((model.asked().len(), counter.count()), (requests, calls), "{limits:?}");
        assert!(model.asked().last().unwrap().messages.last().unwrap().content.contains("You have reached"));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_the_limit_are_answered_without_being_made() {
    let (agent, model, counter) = agent(vec![says(look(&["a", "b", "c"])), says(answer("the Orsa"))]);
    let attempt = agent.limited(Limits { calls: 2, ..Limits::default() }).attempt(&question()).await;
    assert_eq!(end(&attempt).0, StopReason::ForcedAnswer { why: Limit::Calls });
    assert_eq!(counter.count(), 2);
    let told = &model.asked()[1].messages;
    assert!(told.iter().any(|message| message.content.contains("no tool calls left")), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn time_that_was_waited_is_no_work() {
    let slow = |waits: bool| {
        let script = Scripted::by(move |request| {
            let is_last = request.messages.last().unwrap().content.contains("You have reached");
            if is_last { says(answer("the Orsa")) } else { says(look(&["mill"])) }
        });
        let model = Arc::new(Slow { inner: script, takes: Duration::from_secs(20) });
        let model: Arc<dyn ChatModel> = if waits {
            Arc::new(model.rate_limited(Rates { requests_per_minute: Some(1), ..Rates::default() }))
        } else {
            model
        };
        let counter = Arc::default();
        Agent::new(model, tools(&counter)).guarded(LoopGuard::off())
    };
    let turns = async |agent: Agent, limits: Limits| {
        let attempt = agent.limited(limits).attempt(&question()).await;
        attempt.nodes().iter().filter(|node| node.as_sampled().is_some()).count()
    };
    let wall = Limits { wall_time: Duration::from_secs(600), ..Limits::default() };
    let work = Limits { work_time: Some(Duration::from_secs(600)), ..Limits::default() };
    assert_eq!(turns(slow(false), wall.clone()).await, 31);
    assert_eq!(turns(slow(false), work.clone()).await, 31);
    let rested = turns(slow(true), wall).await;
    assert!(rested < 13, "it waits for most of each minute: {rested}");
    assert_eq!(turns(slow(true), work).await, 31);
}

/// A model that takes its time.
#[derive(Debug)]
pub(crate) struct Slow<M> {
    pub(crate) inner: M,
    pub(crate) takes: Duration,
}

#[async_trait]
impl<M: ChatModel> ChatModel for Slow<M> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        tokio::time::sleep(self.takes).await;
        self.inner.reply(request).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_hangs_costs_what_is_left_of_the_time_and_the_last_turn() {
    let limits =
        Limits { wall_time: Duration::from_secs(600), answer_time: Duration::from_secs(60), ..Limits::default() };
    let check = async |answers_when_told: bool, stop: StopReason, takes: u64| {
        let model = Hanging { answers_when_told };
        let begun = tokio::time::Instant::now();
        let attempt = Agent::new(Arc::new(model), Tools::none()).limited(limits.clone()).attempt(&question()).await;
        assert_eq!((attempt.stop, begun.elapsed().as_secs()), (Some(stop), takes));
    };
    check(true, StopReason::ForcedAnswer { why: Limit::WallTime }, 600).await;
    check(false, StopReason::Limit { which: Limit::WallTime }, 660).await;
}

/// A model that never answers, unless it is told that time is up and listens to that.
#[derive(Debug)]
struct Hanging {
    answers_when_told: bool,
}

#[async_trait]
impl ChatModel for Hanging {
    fn name(&self) -> &'static str {
        "hanging"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        let is_told = request.messages.last().unwrap().content.contains("You have reached");
        if !(is_told && self.answers_when_told) {
            std::future::pending::<()>().await;
        }
        says(answer("the Orsa"))
    }
}

#[tokio::test(start_paused = true)]
async fn money_and_tokens_of_tools_count_too() {
    let paid = |text: &str| {
        let usage =
            Usage { requests: 1, prompt_tokens: 90, completion_tokens: 10, cost_microusd: 50, ..Usage::default() };
        Ok(Reply { usage, ..Reply::new(Message::assistant(text)) })
    };
    for (limits, why) in [
        (Limits { cost_microusd: Some(100), ..Limits::default() }, Limit::Cost),
        (Limits { tokens: Some(200), ..Limits::default() }, Limit::Tokens),
    ] {
        let (agent, model, _) = agent(vec![paid(&look(&["a"])), paid(&look(&["b"])), paid(&answer("the Orsa"))]);
        let attempt = agent.limited(limits).attempt(&question()).await;
        assert_eq!(end(&attempt), (StopReason::ForcedAnswer { why }, Some("the Orsa")));
        assert_eq!(model.asked().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_finds_the_conversation_too_long_is_asked_once_more_with_less() {
    let model = Arc::new(Scripted::by(|request| {
        let length: usize = request.messages.iter().map(|message| message.content.len()).sum();
        let is_last = request.messages.last().unwrap().content.contains("You have reached");
        match length {
            ..20_000 if is_last => says(answer("the Orsa")),
            ..20_000 => says("<tool_call>{\"name\": \"read\", \"arguments\": {}}</tool_call>"),
            _ => Err(ChatError::ContextTooLong { reason: "no".to_owned(), limit: None, used: None }),
        }
    }));
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Nothing {}
    let tools = Tools::made_of(|| {
        let read = async |_: Nothing| Ok(offseeker_tools::Observation::ok("The mill stands on the Orsa. ".repeat(400)));
        vec![Box::new(offseeker_tools::Function::new("read", "Reads.", read)) as _]
    });
    let attempt = Agent::new(model.clone(), tools).attempt(&question()).await;
    assert_eq!(end(&attempt), (StopReason::ForcedAnswer { why: Limit::Context }, Some("the Orsa")));
    let rewritten = attempt.nodes().iter().any(|node| matches!(node.origin, Origin::Rewritten { .. }));
    assert!(rewritten, "the observations are shortened in a branch");
    let whole = attempt.nodes().iter().filter(|node| matches!(node.origin, Origin::Observed(_)));
    assert!(whole.into_iter().all(|node| node.message.content.len() > 11_000), "and kept whole");
}

#[tokio::test(start_paused = true)]
async fn limits_of_nought_leave_one_turn() {
    let strict = Limits { context: 0, reserve: 0, turns: 0, calls: 0, ..Limits::default() };
    let (agent, model, _) = endless();
    let attempt = agent.limited(strict).attempt(&question()).await;
    assert!(matches!(end(&attempt).0, StopReason::Limit { .. }));
    assert_eq!(model.asked().len(), 1);
}
