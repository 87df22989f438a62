//! What a server's refusal means: from a status and a body to a typed error.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::ChatError;

/// How much of a server's text an error quotes, in characters.
const QUOTED: usize = 600;

/// What a response that is no success means. `body` is free of secrets.
pub(crate) fn from_response(status: StatusCode, headers: &HeaderMap, body: &str) -> ChatError {
    let told = Told::read(body);
    let reason = format!("HTTP {}: {}", status.as_u16(), told.message);
    if let Some(error) = told.verdict(&reason) {
        return error;
    }
    match status.as_u16() {
        401 | 403 => ChatError::Unauthorized { reason },
        429 if told.says(&["insufficient_quota", "billing_hard_limit_reached"]) => ChatError::Unauthorized { reason },
        429 => ChatError::RateLimited { reason, retry_after: retry_after(headers, SystemTime::now()) },
        404 => ChatError::invalid(format!(
            "{reason}; check the base URL (it ends in /v1 for most servers) and the model's name"
        )),
        408 | 409 | 425 | 500 | 502..=504 | 506..=599 => ChatError::transient(reason),
        300..=399 => {
            ChatError::invalid(format!("{reason}: the server redirects elsewhere; set the base URL to where it leads"))
        }
        _ => ChatError::invalid(reason),
    }
}

/// What an error object in the middle of a successful response means. `body` is free of secrets.
pub(crate) fn from_object(error: &Value, clean: impl Fn(&str) -> String) -> ChatError {
    let told = Told::read(&clean(&Value::from_iter([("error", error.clone())]).to_string()));
    let reason = format!("the server broke off: {}", told.message);
    if let Some(error) = told.verdict(&reason) {
        return error;
    }
    match told.code {
        Some(429) => ChatError::RateLimited { reason, retry_after: None },
        Some(401 | 403) => ChatError::Unauthorized { reason },
        Some(400 | 404 | 422) => ChatError::invalid(reason),
        _ => ChatError::transient(reason),
    }
}

/// One line of at most [`QUOTED`] characters.
pub(crate) fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None if line.is_empty() => "(nothing)".to_owned(),
        None => line,
    }
}

/// After these words servers say how many tokens the window holds.
const LIMIT_FOLLOWS: &[&str] = &[
    "context length is",
    "context length of",
    "model length of",
    "context length (",
    "context window of",
    "max_model_len=",
    "context length",
];

/// After these words servers say how many tokens the request has.
const USED_FOLLOWS: &[&str] = &[
    "requested a total of",
    "you requested",
    "resulted in",
    "request has",
    "prompt contains at least",
    "prompt contains",
    "(length",
    "the input (",
    "prompt is too long:",
];

/// What a server says of an error, whatever form it says it in.
struct Told {
    message: String,
    kind: String,
    code: Option<u64>,
    used: Option<u64>,
    limit: Option<u64>,
}

impl Told {
    fn read(body: &str) -> Self {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        // OpenAI, SGLang and llama.cpp nest the error; older vLLM, FastAPI and proxies do not.
        let error = json.get("error").filter(|error| !error.is_null()).unwrap_or(&json);
        let text = |name: &str| error.get(name).and_then(Value::as_str);
        let message = error.as_str().or(text("message")).or(text("detail")).unwrap_or(body);
        let number = |name: &str| error.get(name).and_then(Value::as_u64);
        Self {
            kind: [text("type"), text("code"), text("param")].into_iter().flatten().collect::<Vec<_>>().join(" "),
            code: number("code").or_else(|| text("code")?.parse().ok()),
            used: number("n_prompt_tokens"),
            limit: number("n_ctx"),
            message: quote(message),
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        words.iter().any(|word| message.contains(word) || self.kind.contains(word))
    }

    /// The errors that are told apart by what the server says and not by the status.
    fn verdict(&self, reason: &str) -> Option<ChatError> {
        if self.says(&[
            "context_length_exceeded",
            "exceed_context_size",
            "maximum context length",
            "maximum model length",
            "max_model_len",
            "must be at least 1, got 0",
            "model's context length",
            "exceeds the available context size",
            "prompt is too long",
            "context window",
        ]) {
            let (limit, used) = self.sizes();
            return Some(ChatError::ContextTooLong { reason: reason.to_owned(), limit, used });
        }
        if self.says(&["content_filter", "content_policy_violation", "responsible_ai_policy"]) {
            return Some(ChatError::Refused { reason: reason.to_owned() });
        }
        None
    }

    /// The size of the window and of the request, as far as fields or the numbers in the text tell them.
    fn sizes(&self) -> (Option<u64>, Option<u64>) {
        let message = self.message.to_lowercase();
        let limit = self.limit.or_else(|| number_after(&message, LIMIT_FOLLOWS));
        let used = self.used.or_else(|| number_after(&message, USED_FOLLOWS));
        (limit, used.filter(|used| Some(*used) != limit))
    }
}

/// The number of tokens that follows the first of these phrases that is followed by one.
fn number_after(text: &str, phrases: &[&str]) -> Option<u64> {
    phrases.iter().find_map(|phrase| {
        let rest = text[text.find(phrase)? + phrase.len()..].trim_start_matches([' ', ':', '(']);
        let end = rest.find(|c: char| c != ',' && !c.is_ascii_digit()).unwrap_or(rest.len());
        // Some servers count characters before they count tokens.
        let is_tokens = !rest[end..].trim_start().starts_with("characters");
        rest[..end].replace(',', "").parse().ok().filter(|_| is_tokens)
    })
}

fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let from_ms = text("retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()).map(|ms| ms / 1000.0);
    if let Some(wait) = from_ms.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        return Some(wait);
    }
    offseeker_remote::retry_after(text(RETRY_AFTER.as_str())?, now)
}

#[cfg(test)]
#[path = "failure_test.rs"]
mod test;
