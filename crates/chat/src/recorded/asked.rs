//! What a recording of a reply belongs to.

use offseeker_remote::Asked;
use offseeker_trajectory::{Message, ToolSpec, canonical_json};
use serde::Serialize;

use crate::{ChatError, Request, Sampling};

/// The version of recordings; those of another version are other recordings.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Payload<'a> {
    format: u32,
    model: &'a str,
    messages: &'a [Message],
    tools: &'a [ToolSpec],
    sampling: &'a Sampling,
}

/// What is asked of a model.
pub(super) fn asked(model: &str, request: &Request<'_>) -> Result<Asked, ChatError> {
    let Request { messages, tools, sampling, session: _ } = *request;
    let json = canonical_json(&Payload { format: FORMAT, model, messages, tools, sampling })
        .map_err(|error| ChatError::invalid(format!("the request cannot be recorded: {error}")))?;
    Ok(Asked::new(json))
}
