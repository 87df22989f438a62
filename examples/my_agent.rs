//! How do I give an agent a tool and a context policy of my own? `cargo run --release --example my_agent`

use std::sync::Arc;

use async_trait::async_trait;
use offseeker::agent_loop::context::{ContextPolicy, Part};
use offseeker::agent_loop::{Agent, Desk, Halt, Tools};
use offseeker::chat::Scripted;
use offseeker::tools::{Function, Observation, ToolError};
use offseeker::trajectory::{Message, Origin, Question};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Place {
    name: String,
}

async fn describe(place: Place) -> Result<Observation, ToolError> {
    Ok(Observation::ok(format!("The {} stands on the Orsa, below the castle. ", place.name).repeat(20)))
}

/// Shows the model only the last thing that it read; the rest stays in the record.
#[derive(Debug)]
struct Forgetful;

#[async_trait]
impl ContextPolicy for Forgetful {
    fn name(&self) -> &str {
        "forgetful"
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        let (path, last) = (desk.path(), desk.path().last().copied());
        let is_old =
            |id| Some(id) != last && matches!(desk.node(id).map(|node| &node.origin), Some(Origin::Observed(_)));
        let forgotten = || Message::user("[read and forgotten]");
        let part = |id| if is_old(id) { Part::Put { message: forgotten(), of: vec![id] } } else { Part::Keep(id) };
        Ok(Some(path.into_iter().map(part).collect()))
    }
}

#[tokio::main]
async fn main() {
    // Any model goes here: `OpenAi` for a server, a local one, or this script.
    let look = |name: &str| {
        format!("<tool_call>{{\"name\": \"describe\", \"arguments\": {{\"name\": \"{name}\"}}}}</tool_call>")
    };
    let script = [look("mill"), look("smithy"), "<think>Both.</think><answer>the Orsa</answer>".to_owned()];
    let model = Arc::new(Scripted::saying(script));
    let tools = Tools::made_of(|| vec![Box::new(Function::new("describe", "Describes a place.", describe)) as _]);
    let agent = Agent::new(model.clone(), tools).remembering(Forgetful);

    let attempt = agent.attempt(&Question::new("Which river drives the mill?", ["the Orsa"])).await;
    println!("{:?}: {}", attempt.stop, attempt.answer.as_deref().unwrap_or("no answer"));
    for (turn, asked) in (1..).zip(model.asked()) {
        let length: usize = asked.messages[1..].iter().map(|message| message.content.len()).sum();
        println!("turn {turn}: the model read {} messages, {length} bytes", asked.messages.len());
    }
    println!("{} messages are kept, in {} branches", attempt.nodes().len(), attempt.branches().len());
}
