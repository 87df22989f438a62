//! Bare completions.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use offseeker_chat::Prompt;
use serde_json::{Value, json};

use super::Server;
use super::answer::Answer;
use super::asked::Asked;
use super::body::{Body, shown};
use super::failure::Failure;
use super::streamed::Form;

/// The most prompts of one request.
const MOST_PROMPTS: usize = 128;
/// How much is written where it is not said; the protocol has it so.
const MOST_TOKENS: u32 = 16;

/// Continues prompts.
pub(super) async fn completions(
    State(server): State<Server>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let model = server.the_local()?;
    let body = Body::read(body)?;
    let mut asked = Asked::read(&server, &body, &["max_tokens"])?;
    body.only("echo", &[json!(false)], "a prompt is not repeated here")?;
    body.only("suffix", &[json!("")], "nothing is put before a suffix here")?;
    body.only("best_of", &[json!(1), json!(asked.choices)], "all that is written comes back")?;
    body.only(
        "logprobs",
        &[json!(0), json!(1), json!(true), json!(false)],
        "only those of the tokens themselves are given",
    )?;
    let no_logprobs = matches!(body.get("logprobs"), None | Some(Value::Bool(false)));
    asked.sampling.logprobs = !no_logprobs;
    asked.sampling.max_tokens.get_or_insert(MOST_TOKENS);
    let prompts = prompts(body.need("prompt")?)?;
    let form = Form::new(&server, false, &asked);
    let mut answers = Vec::new();
    for prompt in &prompts {
        for choice in 0..asked.choices {
            let stream = model.stream_prompt(prompt, &asked.of_choice(choice), asked.session.as_deref())?;
            answers.push(Answer::local(stream, None));
        }
    }
    if asked.stream { Ok(form.stream(answers)) } else { form.whole(answers).await }
}

/// A prompt of text or tokens, or a list of such.
pub(super) fn prompts(wire: &Value) -> Result<Vec<Prompt>, Failure> {
    let wrong = |wire: &Value| {
        Failure::field("prompt", format!("is {}; it is a text, a list of tokens, or a list of these", shown(wire)))
    };
    if let Some(prompt) = prompt(wire) {
        return Ok(vec![prompt]);
    }
    let list = wire.as_array().filter(|list| !list.is_empty()).ok_or_else(|| wrong(wire))?;
    if list.len() > MOST_PROMPTS {
        return Err(Failure::field("prompt", format!("has {} prompts; {MOST_PROMPTS} are the most", list.len())));
    }
    list.iter().map(|wire| prompt(wire).ok_or_else(|| wrong(wire))).collect()
}

fn prompt(wire: &Value) -> Option<Prompt> {
    match wire {
        Value::String(text) => Some(Prompt::Text(text.clone())),
        Value::Array(ids) if !ids.is_empty() => {
            let id = |id: &Value| id.as_u64().and_then(|id| u32::try_from(id).ok());
            ids.iter().map(id).collect::<Option<_>>().map(Prompt::Tokens)
        }
        _ => None,
    }
}
