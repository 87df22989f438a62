//! What a recording belongs to.

use offseeker_trajectory::{Message, ToolSpec, canonical_json};
use serde::Serialize;

use crate::{ChatError, Request, Sampling};

/// The version of recordings; those of another version are other recordings.
const FORMAT: u32 = 1;

/// What was asked, as canonical JSON, and the hash of it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    json: String,
    key: String,
}

#[derive(Serialize)]
struct Payload<'a> {
    format: u32,
    model: &'a str,
    messages: &'a [Message],
    tools: &'a [ToolSpec],
    sampling: &'a Sampling,
}

impl Asked {
    pub(super) fn new(model: &str, request: &Request<'_>) -> Result<Self, ChatError> {
        let Request { messages, tools, sampling, session: _ } = *request;
        let json = canonical_json(&Payload { format: FORMAT, model, messages, tools, sampling })
            .map_err(|error| ChatError::invalid(format!("the request cannot be recorded: {error}")))?;
        let key = blake3::hash(json.as_bytes()).to_hex().to_string();
        Ok(Self { json, key })
    }

    /// The request as canonical JSON.
    pub(super) fn json(&self) -> &str {
        &self.json
    }

    /// Names the request: 64 hexadecimal digits.
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}
