//! Talks to a model that may look things up, and says what that cost.
//!
//! ```text
//! cargo run --release --example talk
//! OFFSEEKER_BASE_URL=http://localhost:8000/v1 cargo run --release --example talk -- "Where does the Orsa rise?"
//! ```
//!
//! Without `OFFSEEKER_BASE_URL` a script answers, so it runs offline. With it any server that speaks OpenAI's protocol
//! does: `OFFSEEKER_MODEL` names the model (the first one that the server has, where it is not set),
//! `OFFSEEKER_API_KEY` is the key if one is needed, and `OFFSEEKER_PRICE=0.25,2.00` is what a million tokens cost in
//! dollars, read and written.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use offseeker::chat::{
    Allowance, ChatModel, ChatModelExt, Ledger, OpenAi, Options, Price, Reply, Request, RetryPolicy, Sampling, Scripted,
};
use offseeker::trajectory::{Message, ToolCall, ToolSpec, Usage};
use serde_json::json;

const TURNS: usize = 6;

#[tokio::main]
async fn main() -> ExitCode {
    match talk().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn talk() -> Result<(), Box<dyn Error>> {
    let question = std::env::args().nth(1).unwrap_or_else(|| "Which river does the Karlin mill stand on?".to_owned());
    let ledger = Arc::new(Ledger::new(Allowance { requests: Some(20), ..Allowance::default() }));
    let model = model().await?.retrying(RetryPolicy::default()).budgeted(Arc::clone(&ledger));

    let tools = [ToolSpec::new(
        "look_up",
        "Looks a name up in a small encyclopedia.",
        json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}),
    )];
    let sampling = Sampling { temperature: Some(0.6), max_tokens: Some(512), seed: Some(7), ..Sampling::default() };
    let mut messages = vec![Message::system("Look up what you do not know. Answer in one sentence.")];
    messages.push(Message::user(question.as_str()));

    println!("model   {}", model.name());
    println!("you     {question}");
    let mut answered = false;
    for _ in 0..TURNS {
        let request = Request::new(&messages).tools(&tools).sampling(&sampling).session("talk");
        let reply = model.reply(request).await?;
        show(&reply);
        messages.push(reply.message.clone());
        answered = reply.message.tool_calls.is_empty();
        if answered {
            break;
        }
        for call in &reply.message.tool_calls {
            let found = look_up(call);
            println!("found   {found}");
            messages.push(Message::tool(call.id.as_str(), call.name.as_str(), found));
        }
    }
    if !answered {
        println!("(no answer in {TURNS} turns)");
    }
    println!("\n{}", bill(ledger.spent()));
    Ok(())
}

/// The model that the environment names, or a script.
async fn model() -> Result<Arc<dyn ChatModel>, Box<dyn Error>> {
    let options = Options { price: price()?, ..Options::default() };
    if let Some(server) = OpenAi::from_env(options.clone()).await? {
        return Ok(Arc::new(server));
    }
    println!("(a script answers: set OFFSEEKER_BASE_URL to talk to a server)\n");
    let price = options.price.unwrap_or(Price { input: 0.25, cached_input: None, output: 2.0 });
    Ok(Arc::new(Scripted::by(move |request| Ok(scripted(request, &price)))))
}

fn price() -> Result<Option<Price>, Box<dyn Error>> {
    let Ok(text) = std::env::var("OFFSEEKER_PRICE") else { return Ok(None) };
    let numbers = text.split_once(',').and_then(|(input, output)| Some((input.parse().ok()?, output.parse().ok()?)));
    let (input, output) = numbers.ok_or_else(|| {
        format!("OFFSEEKER_PRICE is {text:?}; it is two numbers, dollars a million tokens: 0.25,2.00")
    })?;
    Ok(Some(Price { input, cached_input: None, output }))
}

/// Looks the mill up, then answers. A word counts as a token.
fn scripted(request: Request<'_>, price: &Price) -> Reply {
    let found = request.messages.iter().rev().find(|message| message.tool_call_id.is_some());
    let message = match found {
        None => Message {
            reasoning: Some("I do not know this. I should look it up.".to_owned()),
            tool_calls: vec![ToolCall::new("call_0", "look_up", r#"{"name": "Karlin mill"}"#)],
            ..Message::assistant("")
        },
        Some(_) => Message::assistant("The Karlin mill stands on the Orsa."),
    };
    let words = |message: &Message| message.content.split_whitespace().count() as u64;
    let mut usage = Usage { requests: 1, completion_tokens: words(&message).max(12), ..Usage::default() };
    usage.prompt_tokens = request.messages.iter().map(words).sum();
    usage.cost_microusd = price.of(&usage);
    Reply { usage, ..Reply::new(message) }
}

fn look_up(call: &ToolCall) -> String {
    let pages = [
        ("karlin mill", "The Karlin mill is a water mill on the Orsa, built in 1788."),
        ("orsa", "The Orsa is a river. It rises below the Venn and flows past Karlin."),
    ];
    let asked = call.arguments.to_lowercase();
    let page = pages.iter().find(|(name, _)| asked.contains(name));
    page.map_or_else(|| "There is no page of that name.".to_owned(), |(_, text)| (*text).to_owned())
}

fn show(reply: &Reply) {
    if let Some(reasoning) = &reply.message.reasoning {
        println!("thinks  {}", reasoning.trim());
    }
    for call in &reply.message.tool_calls {
        println!("calls   {} {}", call.name, call.arguments);
    }
    if !reply.message.content.trim().is_empty() {
        println!("says    {}", reply.message.content.trim());
    }
}

fn bill(spent: Usage) -> String {
    let dollars = format!("{}.{:06}", spent.cost_microusd / 1_000_000, spent.cost_microusd % 1_000_000);
    let cost =
        if spent.cost_microusd == 0 { "cost unknown (set OFFSEEKER_PRICE)".to_owned() } else { format!("${dollars}") };
    format!(
        "{} requests, {} tokens read, {} written, {cost}",
        spent.requests, spent.prompt_tokens, spent.completion_tokens
    )
}
