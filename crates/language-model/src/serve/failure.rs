//! Why a request is not answered, as the protocol says it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use offseeker_chat::ChatError;
use serde_json::{Value, json};

/// Why a request is not answered.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    message: String,
    kind: &'static str,
    /// The field that is wrong.
    param: Option<String>,
    code: &'static str,
    retry_after: Option<u64>,
}

impl Failure {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), kind, param: None, code, retry_after: None }
    }

    /// A field has a value that it cannot have.
    pub(super) fn field(field: impl Into<String>, what: impl AsRef<str>) -> Self {
        let (field, what) = (field.into(), what.as_ref());
        let message = format!("`{field}` {what}");
        Self {
            param: Some(field),
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", "invalid_value", message)
        }
    }

    /// The body cannot be read.
    pub(super) fn body(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, "invalid_request_error", "invalid_body", message)
    }

    pub(super) fn unauthorized() -> Self {
        let message = "the key is missing or wrong; send it as `Authorization: Bearer KEY`";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", "invalid_api_key", message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "not_found", message)
    }

    pub(super) fn no_such_model(asked: &str, there_is: &str) -> Self {
        let message = format!("the model `{asked}` does not exist; there is `{there_is}`");
        let failure = Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "model_not_found", message);
        Self { param: Some("model".to_owned()), ..failure }
    }

    /// What the protocol says of it.
    pub(super) fn object(&self) -> Value {
        json!({"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}})
    }
}

impl From<ChatError> for Failure {
    fn from(error: ChatError) -> Self {
        let message = match &error {
            ChatError::InvalidRequest { reason } | ChatError::Broken { reason } | ChatError::Transient { reason } => {
                reason.clone()
            }
            other => other.to_string(),
        };
        let new = |status, kind, code| Self::new(status, kind, code, message);
        match error {
            ChatError::RateLimited { retry_after, .. } => {
                let retry_after = Some(retry_after.map_or(1, |wait| wait.as_secs().max(1)));
                let failure = new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded");
                Self { retry_after, ..failure }
            }
            ChatError::Transient { .. } => new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "overloaded"),
            ChatError::ContextTooLong { .. } => {
                new(StatusCode::BAD_REQUEST, "invalid_request_error", "context_length_exceeded")
            }
            ChatError::Refused { .. } => new(StatusCode::BAD_REQUEST, "invalid_request_error", "content_filter"),
            ChatError::Unauthorized { .. } => new(StatusCode::UNAUTHORIZED, "invalid_request_error", "upstream_key"),
            ChatError::InvalidRequest { .. } => new(StatusCode::BAD_REQUEST, "invalid_request_error", "invalid_value"),
            ChatError::Budget { .. } => new(StatusCode::BAD_REQUEST, "invalid_request_error", "budget_spent"),
            ChatError::NotRecorded { .. } => new(StatusCode::BAD_REQUEST, "invalid_request_error", "not_recorded"),
            _ => new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "internal_error"),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.object())).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
