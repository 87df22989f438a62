//! How do I make one answer of several attempts?
//!
//! ```sh
//! cargo run -p offseeker-agent-loop --example panel
//! ```
//!
//! Three attempts at one question are made side by side, each with seeds of its own. Two of them trust a page that is wrong,
//! so a vote is lost; the synthesis reads what each answer rests on. The models are scripted here; with a server in their
//! place nothing else changes.

use std::sync::Arc;

use offseeker_agent_loop::compose::Fusion;
use offseeker_agent_loop::{Agent, Panel};
use offseeker_chat::{Reply, Request, Scripted};
use offseeker_pages::Page;
use offseeker_search::InMemory;
use offseeker_tools::{Kit, Profile};
use offseeker_trajectory::{Message, Question};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let question = Question::new("In which year was Karlin mill built?", ["1702"]);
    let agent = Agent::new(Arc::new(Scripted::by(|request| Ok(Reply::new(Message::assistant(says(request)))))), kit());
    for (name, fusion) in [("vote", Fusion::Vote), ("synthesis", Fusion::default())] {
        let attempt = Panel::new(agent.clone(), 3).fused(fusion).attempt(&question).await;
        println!("{name}:");
        for node in attempt.nodes().iter().filter(|node| node.message.content.starts_with("Researcher")) {
            println!("  {}", node.message.content);
        }
        let beside = attempt.branches().iter().filter(|branch| branch.is_aside()).count();
        println!(
            "  so: {:?}, {} requests, {beside} of them for the synthesis\n",
            attempt.answer,
            attempt.usage().requests
        );
    }
}

/// What the model says: it searches, and takes one of the pages for true, by its seed. When it is to decide, it
/// takes the parish register for true.
fn says(request: Request<'_>) -> String {
    let last = request.messages.last().map_or("", |message| message.content.as_str());
    if last.starts_with("Several researchers") {
        let year = if last.contains("parish register") { "1702" } else { "unknown" };
        return format!("<think>A register is written at the time; a blog is not.</think><answer>{year}</answer>");
    }
    if !last.contains("<tool_response>") {
        return "<tool_call>{\"name\": \"search\", \"arguments\": {\"query\": \"Karlin mill built\"}}</tool_call>"
            .to_owned();
    }
    if request.sampling.seed.unwrap_or_default().is_multiple_of(3) {
        "<think>The first page says 1720.</think><answer>1720</answer>".to_owned()
    } else {
        "<think>The parish register says 1702.</think><answer>1702</answer>".to_owned()
    }
}

fn kit() -> Kit {
    let corpus = Arc::new(InMemory::of([
        Page::new("https://blog.example/mills", "My trip to Karlin mill", "Karlin mill was built in 1720, I was told."),
        Page::new("https://register.example/1702", "Parish register", "1702: this year Karlin mill was built."),
    ]));
    Kit::new(Profile::shipped("openseeker").expect("it is shipped")).searching(corpus.clone()).reading(corpus)
}
