//! What a server's answer means for a page.

use std::time::SystemTime;

use offseeker_remote::retry_after;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::resolver::Forbidden;
use crate::PageError;

/// Why an answer has no page; none where it has one.
pub(crate) fn refusal(url: &str, status: StatusCode, headers: &HeaderMap) -> Option<PageError> {
    let (url, reason) = (url.to_owned(), format!("the server answered {status}"));
    let header = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = header.and_then(|header| retry_after(header, SystemTime::now()));
    Some(match status.as_u16() {
        204 | 205 => PageError::Unreadable { url, reason },
        200..=299 => return None,
        404 | 410 => PageError::NotFound { url },
        401 | 402 | 403 | 407 | 451 => PageError::Blocked { url, reason },
        408 => PageError::Transient { url, reason },
        425 | 429 => PageError::RateLimited { url, reason, retry_after },
        503 if retry_after.is_some() => PageError::RateLimited { url, reason, retry_after },
        500..=599 => PageError::Transient { url, reason },
        _ => PageError::Unreadable { url, reason },
    })
}

/// Why there is no answer.
pub(crate) fn failure(url: &str, error: reqwest::Error) -> PageError {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        if let Some(Forbidden(reason)) = cause.downcast_ref() {
            return PageError::Blocked { url: url.to_owned(), reason: reason.clone() };
        }
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    PageError::Transient { url: url.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn answers_without_a_page_say_why() {
        for (status, expected) in [
            (200, None),
            (203, None),
            (204, Some("unreadable")),
            (304, Some("unreadable")),
            (400, Some("unreadable")),
            (401, Some("blocked")),
            (403, Some("blocked")),
            (404, Some("not_found")),
            (408, Some("transient")),
            (410, Some("not_found")),
            (418, Some("unreadable")),
            (429, Some("rate_limited")),
            (451, Some("blocked")),
            (500, Some("transient")),
            (503, Some("transient")),
            (599, Some("transient")),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let found = refusal("a", status, &HeaderMap::new()).map(|error| error.kind());
            assert_eq!(found, expected, "{status}");
        }
    }

    #[test]
    fn servers_say_how_long_to_wait() {
        check("120", Some(120));
        check("Thu, 01 Jan 1970 00:02:00 GMT", Some(0));
        check("soon", None);
    }

    fn check(value: &str, expected: Option<u64>) {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        let busy = refusal("a", StatusCode::SERVICE_UNAVAILABLE, &headers).unwrap();
        assert_eq!(busy.retry_after(), expected.map(Duration::from_secs), "{value}");
        assert_eq!(busy.kind() == "rate_limited", expected.is_some(), "{value}");
    }
}
