//! An agent as a tool of another.

use std::sync::Arc;

use offseeker_agent_loop::{Agent, AgentTool, Journal, Made, Panel, Pause, Researcher, Stop, Tools};
use offseeker_chat::{ChatError, Scripted};
use offseeker_tools::{Limits, Tool, Toolbox};
use offseeker_trajectory::{CallStatus, Limit, Node, Origin, Question, StopReason, Trajectory, Usage};
use offseeker_trajectory_store::{Entry, Filter, InMemory, Stored, TrajectoryStore, TrajectoryStoreExt};
use serde_json::json;

use crate::world::{Witness, call, fallible, model, reader, replies, timeless};

fn question() -> Question {
    Question::new("Which river joins Karlin and Tarn?", ["the Orsa"])
}

/// What the planner and the readers say, by what they are asked.
fn says(texts: &[&str]) -> String {
    let is_planner = texts[0].contains("joins");
    match (is_planner, texts.len()) {
        (true, 1) => {
            call("ask", "question", "Where does Karlin lie?") + &call("ask", "question", "Where does Tarn lie?")
        }
        (true, _) => "<answer>the Orsa</answer>".to_owned(),
        (false, 1) if texts[0].contains("Karlin") => call("look", "name", "Karlin"),
        (false, 1) => call("look", "name", "Tarn"),
        (false, _) => "<answer>on the Orsa</answer>".to_owned(),
    }
}

fn planner(model: Arc<Scripted>, reader: impl Researcher + Clone + 'static, journal: Journal) -> Agent {
    let tools = Tools::made_for(move |attempt| {
        let ask = AgentTool::new("ask", "Asks a reader.", reader.clone()).within(attempt).journalled(&journal);
        Toolbox::new([Box::new(ask) as _], Limits::default())
    });
    Agent::new(model, tools)
}

async fn go_on(agent: &Agent, store: Arc<dyn TrajectoryStore>) -> Trajectory {
    let beginning = Trajectory::new(question(), 0);
    let stored = store.find(&beginning.id).await.unwrap().unwrap_or_else(|| Stored::new(beginning));
    let Made { trajectory, rests } = agent.go_on(stored, &Journal::into_store(store), &Stop::default()).await;
    assert!(rests.is_none());
    trajectory
}

fn observed(attempt: &Trajectory) -> Vec<&Node> {
    attempt.nodes().iter().filter(|node| matches!(node.origin, Origin::Observed(_))).collect()
}

#[tokio::test]
async fn the_answer_comes_back_with_what_it_cost_and_where_it_was_seen() {
    let (told, store) = (model(says), Arc::new(InMemory::new()));
    let journal = Journal::into_store(store.clone());
    let attempt = go_on(&planner(told.clone(), reader(told.clone()), journal), store.clone()).await;
    assert_eq!(attempt.answer.as_deref(), Some("the Orsa"));
    assert_eq!(attempt.usage().requests, 6);

    let observed = observed(&attempt);
    assert_eq!(observed[0].message.content, "<tool_response>\non the Orsa\n</tool_response>");
    let Origin::Observed(first) = &observed[0].origin else { unreachable!() };
    assert_eq!(first.sources[0].url, "map:Karlin");
    let inner: Vec<Trajectory> =
        futures::TryStreamExt::try_collect(store.trajectories(&Filter::default())).await.unwrap();
    let inner: Vec<&Trajectory> = inner.iter().filter(|inner| inner.id != attempt.id).collect();
    assert_eq!(inner.len(), 2);
    assert!(inner.iter().all(|inner| inner.metadata["parent"] == attempt.id.as_str()));
    assert!(inner.iter().all(|inner| inner.stop == Some(StopReason::Answered)));
    let inside: Usage = inner.iter().map(|inner| inner.usage()).sum();
    assert_eq!(inside.requests, 4);
}

#[tokio::test]
async fn an_attempt_that_is_taken_up_again_finds_what_its_agents_did() {
    let (told, witness) = (model(says), Arc::new(Witness::default()));
    let journal = Journal::into_store(witness.clone());
    let whole = go_on(&planner(told.clone(), reader(told.clone()), journal), witness.clone()).await;
    let writes = witness.writes();
    for written in 0..writes.len() {
        let (told, store) = (model(says), witness.after(written).await);
        let journal = Journal::into_store(store.clone());
        let again = go_on(&planner(told.clone(), reader(told.clone()), journal), store.clone()).await;
        assert_eq!(timeless(&again), timeless(&whole), "after {written} writes");
        assert_eq!(told.asked().len(), 6 - replies(&writes[..written]), "after {written} writes");
    }
    assert!(writes.len() > 15);
}

#[tokio::test]
async fn the_same_question_is_asked_once() {
    let told = model(says);
    let tool = AgentTool::new("ask", "Asks a reader.", reader(told.clone()));
    let arguments = || json!({"question": "Where does Karlin lie?"});
    let (one, other) = futures::join!(tool.call(arguments()), tool.call(arguments()));
    assert_eq!(one.as_ref().unwrap().text, "on the Orsa");
    assert_eq!(one, other);
    assert_eq!(told.asked().len(), 2);
    let empty = tool.call(json!({"question": " "})).await.unwrap();
    assert_eq!(empty.status, CallStatus::InvalidArguments);
}

/// An agent that asks an agent like itself, and answers what that answers.
#[derive(Debug, Clone)]
struct Delegating(Arc<Scripted>);

#[async_trait::async_trait]
impl Researcher for Delegating {
    async fn go_on(&self, stored: Stored, journal: &Journal, stop: &Stop) -> Made {
        planner(self.0.clone(), self.clone(), Journal::none()).go_on(stored, journal, stop).await
    }

    fn or_seeded(self: Arc<Self>, _seed: u64) -> Arc<dyn Researcher> {
        self
    }
}

#[tokio::test]
async fn agents_that_ask_agents_come_to_an_end() {
    let told = model(|texts| match texts.len() {
        1 => call("ask", "question", "And now?"),
        _ => format!("<answer>{}, I hear</answer>", texts[texts.len() - 1].lines().nth(1).unwrap()),
    });
    let attempt = planner(told.clone(), Delegating(told.clone()), Journal::none()).attempt(&question()).await;
    let heard = "No other agent can be asked from here. Find it out yourself., I hear, I hear, I hear, I hear";
    assert_eq!(attempt.answer.as_deref(), Some(heard));
    assert_eq!(told.asked().len(), 8);
}

#[tokio::test]
async fn a_failure_that_is_nobodys_fault_ends_the_call_and_is_made_up_for_later() {
    let is_asked_of_reader = |texts: &[&str]| !texts[0].contains("joins");
    let down = fallible(move |texts| {
        if is_asked_of_reader(texts) { Err(ChatError::broken("the server is down")) } else { Ok(says(texts)) }
    });
    let store = Arc::new(InMemory::new());
    let journal = Journal::into_store(store.clone());
    let broken = go_on(&planner(down.clone(), reader(down), journal.clone()), store.clone()).await;
    assert!(matches!(&broken.stop, Some(StopReason::ToolFailure { tool, .. }) if tool == "ask"), "{:?}", broken.stop);

    store.write(vec![Entry::Reopen { attempt: broken.id.clone() }], None).await.unwrap();
    let told = model(says);
    let mended = go_on(&planner(told.clone(), reader(told), journal), store).await;
    assert_eq!(mended.answer.as_deref(), Some("the Orsa"));
}

#[tokio::test]
async fn no_answer_is_told_as_that() {
    let told = model(|texts| if texts[0].contains("joins") { says(texts) } else { "hm".to_owned() });
    let attempt = planner(told.clone(), reader(told), Journal::none()).attempt(&question()).await;
    let text = &observed(&attempt)[0].message.content;
    assert!(text.contains("No answer was found (the agent ended: malformed)."), "{text}");
}

#[tokio::test]
async fn a_panel_can_be_asked_as_an_agent_can() {
    let told = model(|texts| {
        let is_synthesis = texts[0].starts_with("Several researchers");
        if is_synthesis { "<answer>surely on the Orsa</answer>".to_owned() } else { says(texts) }
    });
    let panel = Panel::new(reader(told.clone()), 2);
    let attempt = planner(told.clone(), panel, Journal::none()).attempt(&question()).await;
    assert!(observed(&attempt)[1].message.content.contains("surely on the Orsa"));
    assert_eq!(attempt.usage().requests, told.asked().len() as u64);
}

#[tokio::test]
async fn a_budget_that_an_agent_finds_spent_lets_the_attempt_that_calls_it_rest() {
    let spent = fallible(|texts| {
        let is_planner = texts[0].contains("joins");
        if is_planner { Ok(says(texts)) } else { Err(ChatError::Budget { which: Limit::Cost, spent: 9, allowed: 8 }) }
    });
    let store = Arc::new(InMemory::new());
    let journal = Journal::into_store(store.clone());
    let agent = planner(spent.clone(), reader(spent), journal.clone());
    let beginning = || Stored::new(Trajectory::new(question(), 0));
    let made = agent.go_on(beginning(), &journal, &Stop::default()).await;
    assert!(matches!(made.rests, Some(Pause::Budget { which: Limit::Cost, .. })), "{:?}", made.rests);
    assert_eq!(made.trajectory.stop, None, "it goes on once there is more to spend");

    let told = model(says);
    let again = go_on(&planner(told.clone(), reader(told), journal), store).await;
    assert_eq!(again.answer.as_deref(), Some("the Orsa"));
}

#[tokio::test]
async fn who_stops_an_attempt_stops_the_agents_that_work_for_it() {
    let stop = Stop::default();
    let asked = stop.clone();
    let stopping = model(move |texts| {
        if !texts[0].contains("joins") {
            asked.ask();
        }
        says(texts)
    });
    let store = Arc::new(InMemory::new());
    let journal = Journal::into_store(store.clone());
    let agent = planner(stopping.clone(), reader(stopping.clone()), journal.clone());
    let made = agent.go_on(Stored::new(Trajectory::new(question(), 0)), &journal, &stop).await;
    assert!(matches!(made.rests, Some(Pause::Stopped)), "{:?} {:?}", made.rests, made.trajectory.stop);
    let before = stopping.asked().len();
    assert!(before < 5, "neither agent came to its end");

    let told = model(says);
    let again = go_on(&planner(told.clone(), reader(told.clone()), journal), store).await;
    assert_eq!(again.answer.as_deref(), Some("the Orsa"));
    assert_eq!(told.asked().len() + before, 6, "nothing is asked twice");
}
