//! Tokens of prompts and conversations, as vLLM gives them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use offseeker_chat::ChatError;
use serde_json::{Value, json};

use super::Server;
use super::body::Body;
use super::chat::{messages, tools};
use super::failure::Failure;

/// The tokens of a prompt, or of the prompt that a conversation makes.
pub(super) async fn tokenize(
    State(server): State<Server>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Failure> {
    let model = server.the_local()?;
    let body = Body::read(body)?;
    server.check_name(body.text("model")?)?;
    let invalid = |reason: String| Failure::from(ChatError::invalid(reason));
    let tokens = match body.text("prompt")? {
        Some(text) => model.renderer().tokenizer().encode_markup(text).map_err(|error| invalid(error.to_string()))?,
        None => {
            let prompt = model.renderer().prompt(&messages(&body)?, &tools(&body)?);
            prompt.map_err(|error| invalid(error.to_string()))?
        }
    };
    Ok(Json(json!({"count": tokens.len(), "max_model_len": model.context(), "tokens": tokens})))
}
