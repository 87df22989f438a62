//! How do I make an agent a tool of another?
//!
//! ```sh
//! cargo run -p offseeker-agent-loop --example browsing_agent
//! ```
//!
//! A researcher reasons and never sees a page. It has one tool: an agent that searches, reads pages, and answers in a
//! sentence, so that the pages do not fill the researcher's window. Both models are scripted here; with a server in their
//! place nothing else changes.

use std::sync::Arc;
use std::time::Duration;

use offseeker_agent_loop::{Agent, AgentTool, Tools};
use offseeker_chat::{Reply, Request, Scripted};
use offseeker_pages::Page;
use offseeker_search::InMemory;
use offseeker_tools::{Kit, Limits, Profile, Toolbox};
use offseeker_trajectory::{Message, Origin, Question, Role, View};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let browser = Agent::new(scripted(browse), kit());
    let tools = Tools::made_for(move |attempt| {
        let browse = AgentTool::new("browse", "Has somebody find something out on the web.", browser.clone());
        // An agent takes longer than a search.
        let limits = Limits { time: Duration::from_secs(3_600), ..Limits::default() };
        Toolbox::new([Box::new(browse.within(attempt)) as _], limits)
    });
    let researcher = Agent::new(scripted(research), tools);

    let question = Question::new("Into which sea does the river flow on which Karlin mill stands?", ["the Grey Sea"]);
    let attempt = researcher.attempt(&question).await;
    for node in attempt.nodes().iter().filter(|node| node.message.role != Role::System) {
        println!("{}: {}\n", node.message.role, node.message.content);
        if let Origin::Observed(observed) = &node.origin {
            let seen: Vec<&str> = observed
                .sources
                .iter()
                .filter(|source| source.view == View::Page)
                .map(|source| source.url.as_str())
                .collect();
            println!("   (the agent asked its model {} times and read {})\n", observed.usage.requests, seen.join(", "));
        }
    }
    println!("answer: {:?}, {} requests in all", attempt.answer, attempt.usage().requests);
}

/// What the researcher says: one thing after the other.
fn research(seen: &str) -> String {
    if seen.contains("the Grey Sea") {
        "<think>That is it.</think><answer>the Grey Sea</answer>".to_owned()
    } else if seen.contains("the Orsa") {
        call("browse", "question", "Into which sea does the Orsa flow?")
    } else {
        call("browse", "question", "On which river does Karlin mill stand?")
    }
}

/// What the browsing agent says: it searches, opens what it found, and answers from the page.
fn browse(seen: &str) -> String {
    let (place, page, found) = if seen.contains("Into which sea") {
        ("Orsa", "https://rivers.example/orsa", "The Orsa flows into the Grey Sea.")
    } else {
        ("Karlin mill", "https://mills.example/karlin", "Karlin mill stands on the Orsa.")
    };
    if seen.contains("\"visit\"") {
        format!("<think>The page says it.</think><answer>{found}</answer>")
    } else if seen.contains(page) {
        call("visit", "url", page)
    } else {
        call("search", "query", place)
    }
}

fn call(tool: &str, key: &str, value: &str) -> String {
    let goal = if tool == "visit" { ", \"goal\": \"what it says\"" } else { "" };
    format!("<tool_call>{{\"name\": \"{tool}\", \"arguments\": {{\"{key}\": \"{value}\"{goal}}}}}</tool_call>")
}

fn kit() -> Kit {
    let corpus = Arc::new(InMemory::of([
        Page::new(
            "https://mills.example/karlin",
            "Karlin mill",
            "Karlin mill was built in 1702. It stands on the Orsa.",
        ),
        Page::new("https://rivers.example/orsa", "Orsa", "The Orsa is 80 km long. It flows into the Grey Sea."),
        Page::new("https://rivers.example/tarn", "Tarn", "The Tarn is a lake without a river."),
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
