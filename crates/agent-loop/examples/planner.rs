//! How do I let a planner hand parts of its work to agents, and keep what they did?
//!
//! ```sh
//! cargo run -p offseeker-agent-loop --example planner
//! ```
//!
//! The planner asks two agents in one turn, and they work side by side. Their attempts are kept in the planner's store, so
//! a planner that was killed and goes on finds what they did. That is shown here: the planner goes on from its first turn,
//! and no agent asks its model again.

use std::sync::Arc;

use futures::TryStreamExt;
use offseeker_agent_loop::{Agent, AgentTool, Journal, Stop, Tools};
use offseeker_chat::{Reply, Request, Scripted};
use offseeker_pages::Page;
use offseeker_search::InMemory as Corpus;
use offseeker_tools::{Kit, Limits, Profile, Toolbox};
use offseeker_trajectory::{Message, Question, Role, Trajectory};
use offseeker_trajectory_store::{Filter, InMemory, Stored, TrajectoryStoreExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Arc::new(InMemory::new());
    let journal = Journal::into_store(store.clone());
    let worker = scripted(work);
    let planner = planner(Agent::new(worker.clone(), kit()), &journal);

    let question = Question::new("Which is older, Karlin mill or Tarn castle?", ["Tarn castle"]);
    let beginning = Trajectory::new(question, 0);
    let made = planner.go_on(Stored::new(beginning.clone()), &journal, &Stop::default()).await.trajectory;
    println!("the planner: {:?}", made.answer);
    let all: Vec<Trajectory> = store.trajectories(&Filter::default()).try_collect().await?;
    for part in all.iter().filter(|attempt| attempt.metadata.get("parent").is_some()) {
        println!("  an agent: {} -> {:?}, {} messages", part.question.text, part.answer, part.nodes().len());
    }

    // As if the planner had died before the results of its calls were written down. The attempts of the agents were.
    let mut killed = beginning;
    for node in &made.nodes()[..3] {
        killed.push(node.clone())?;
    }
    let before = worker.asked().len();
    let again = planner.go_on(Stored::new(killed), &Journal::none(), &Stop::default()).await.trajectory;
    println!("once more: {:?}, and the agents asked {} times more", again.answer, worker.asked().len() - before);
    Ok(())
}

fn planner(worker: Agent, journal: &Journal) -> Agent {
    let journal = journal.clone();
    let tools = Tools::made_for(move |attempt| {
        let ask = AgentTool::new("ask_agent", "Has an agent find out one thing.", worker.clone());
        let ask = ask.within(attempt).journalled(&journal);
        Toolbox::new([Box::new(ask) as _], Limits::default())
    });
    Agent::new(scripted(plan), tools)
}

fn plan(seen: &str) -> String {
    if seen.contains("in 1702") && seen.contains("in 1250") {
        return "<think>1250 is before 1702.</think><answer>Tarn castle</answer>".to_owned();
    }
    let ask = |place: &str| {
        format!(
            "<tool_call>{{\"name\": \"ask_agent\", \"arguments\": {{\"question\": \"When was {place} built?\"}}}}</tool_call>"
        )
    };
    format!("<think>Two dates are needed.</think>{}{}", ask("Karlin mill"), ask("Tarn castle"))
}

fn work(seen: &str) -> String {
    let place = if seen.contains("Karlin mill built?") { "Karlin mill" } else { "Tarn castle" };
    let year = if place == "Karlin mill" { "in 1702" } else { "in 1250" };
    if seen.contains(year) {
        format!("<answer>{place} was built {year}.</answer>")
    } else {
        format!("<tool_call>{{\"name\": \"search\", \"arguments\": {{\"query\": \"{place}\"}}}}</tool_call>")
    }
}

fn kit() -> Kit {
    let corpus = Arc::new(Corpus::of([
        Page::new("https://mills.example/karlin", "Karlin mill", "Karlin mill was built in 1702."),
        Page::new("https://castles.example/tarn", "Tarn castle", "Tarn castle was built in 1250."),
    ]));
    Kit::new(Profile::shipped("openseeker").expect("it is shipped")).searching(corpus.clone()).reading(corpus)
}

/// A model that goes by what it has seen since the instructions.
fn scripted(rule: fn(&str) -> String) -> Arc<Scripted> {
    Arc::new(Scripted::by(move |request: Request<'_>| {
        let seen = request.messages.iter().filter(|message| message.role != Role::System);
        let seen: Vec<&str> = seen.map(|message| message.content.as_str()).collect();
        Ok(Reply::new(Message::assistant(rule(&seen.join("\n")))))
    }))
}
