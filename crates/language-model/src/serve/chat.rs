//! Conversations.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use futures::future::try_join_all;
use offseeker_chat::OwnedRequest;
use offseeker_chat::dialect::Dialect;
use offseeker_trajectory::{Message, ToolSpec};
use serde_json::json;

use super::answer::{Answer, ends_with};
use super::asked::Asked;
use super::body::{Body, shown};
use super::failure::Failure;
use super::message;
use super::split::Splitter;
use super::streamed::Form;
use super::{Served, Server};

/// Continues a conversation.
pub(super) async fn chat(
    State(server): State<Server>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let body = Body::read(body)?;
    let mut asked = Asked::read(&server, &body, &["max_completion_tokens", "max_tokens"])?;
    body.only("top_logprobs", &[json!(0)], "only the log-probability of the token itself is given")?;
    asked.sampling.logprobs = body.flag("logprobs")?;
    let messages = messages(&body)?;
    let tools = tools(&body)?;
    let form = Form::new(&server, true, &asked);
    let request = |choice| OwnedRequest {
        messages: messages.clone(),
        tools: tools.clone(),
        sampling: asked.of_choice(choice),
        session: asked.session.clone(),
    };
    let answers = (0..asked.choices).map(|choice| answer(&server, request(choice)));
    let answers = try_join_all(answers).await?;
    if asked.stream { Ok(form.stream(answers)) } else { form.whole(answers).await }
}

pub(super) fn messages(body: &Body) -> Result<Vec<Message>, Failure> {
    body.need("messages")?;
    let messages = body.list("messages")?;
    if messages.is_empty() {
        return Err(Failure::field("messages", "is empty"));
    }
    messages.iter().enumerate().map(|(at, wire)| message::read(at, wire)).collect()
}

/// The tools that the model may call.
pub(super) fn tools(body: &Body) -> Result<Vec<ToolSpec>, Failure> {
    let tools = body.list("tools")?.iter().enumerate().map(|(at, wire)| message::tool(at, wire));
    let tools = tools.collect::<Result<Vec<_>, _>>()?;
    match body.get("tool_choice").map(|choice| (choice.as_str(), choice)) {
        None | Some((Some("auto"), _)) => Ok(tools),
        Some((Some("none"), _)) => Ok(Vec::new()),
        Some((_, choice)) => {
            let what = format!("is {}; it is \"auto\" or \"none\": no model here can be made to call", shown(choice));
            Err(Failure::field("tool_choice", what))
        }
    }
}

async fn answer(server: &Server, request: OwnedRequest) -> Result<Answer, Failure> {
    let with_calls = !request.tools.is_empty();
    match &server.model {
        Served::Local(model) => {
            let stream = model.stream(request.as_request())?;
            let dialect = model.renderer().dialect();
            let tokenizer = model.renderer().tokenizer();
            let opened = dialect.reasoning.as_ref().is_some_and(|it| ends_with(tokenizer, stream.prompt(), &it.open));
            Ok(Answer::local(stream, Some(Splitter::new(dialect, opened, with_calls))))
        }
        Served::Any(model, dialect) => {
            let reply = model.reply(request.as_request()).await?;
            let is_raw = reply.message.reasoning.is_none() && reply.message.tool_calls.is_empty();
            let split = |dialect: &Dialect| Splitter::new(dialect, dialect.starts_in_reasoning, with_calls);
            Ok(Answer::whole(reply, dialect.as_deref().filter(|_| is_raw).map(split)))
        }
    }
}
