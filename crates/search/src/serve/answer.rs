//! What is answered where something went wrong.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use offseeker_pages::PageError;
use serde_json::json;

use crate::SearchError;

/// Why a request is not answered.
pub(super) struct Refusal {
    status: StatusCode,
    detail: String,
    wait_s: Option<u64>,
}

impl Refusal {
    pub(super) fn wrong(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, detail: detail.into(), wait_s: None }
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self { status: rejection.status(), detail: rejection.body_text(), wait_s: None }
    }
}

impl From<SearchError> for Refusal {
    fn from(error: SearchError) -> Self {
        let status = match &error {
            SearchError::InvalidQuery { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            SearchError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            error if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        let wait_s = error.retry_after().map(|wait| wait.as_secs().max(1));
        Self { status, detail: error.to_string(), wait_s }
    }
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Self {
        let status = match &error {
            PageError::NotFound { .. } => StatusCode::NOT_FOUND,
            PageError::InvalidUrl { .. } | PageError::Unreadable { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            PageError::Blocked { .. } => StatusCode::FORBIDDEN,
            PageError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            error if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        let wait_s = error.retry_after().map(|wait| wait.as_secs().max(1));
        Self { status, detail: error.to_string(), wait_s }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({"detail": self.detail}))).into_response();
        if let Some(wait_s) = self.wait_s {
            response.headers_mut().insert(RETRY_AFTER, wait_s.into());
        }
        response
    }
}
