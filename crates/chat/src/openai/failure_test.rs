//! What each server says when it refuses, and what is made of it.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::{from_object, from_response, quote, retry_after};
use crate::ChatError;

fn check(status: u16, body: &str, expected: &str) {
    let error = from_response(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body);
    assert_eq!(summary(&error), expected, "{status} {body}\n{error}");
}

fn summary(error: &ChatError) -> String {
    match error {
        ChatError::Transient { .. } => "transient".into(),
        ChatError::RateLimited { .. } => "rate limited".into(),
        ChatError::ContextTooLong { limit, used, .. } => format!("too long {used:?} of {limit:?}"),
        ChatError::Refused { .. } => "refused".into(),
        ChatError::Unauthorized { .. } => "unauthorized".into(),
        ChatError::InvalidRequest { .. } => "invalid".into(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_status_and_a_body_make_a_typed_error() {
    let quota = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let filter = r#"{"error":{"message":"The response was filtered","code":"content_filter"}}"#;
    let rows = [
        (401, r#"{"error":{"message":"Incorrect API key provided"}}"#, "unauthorized"),
        (403, "forbidden", "unauthorized"),
        (404, r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#, "invalid"),
        (404, "<html>nginx</html>", "invalid"),
        (400, r#"{"object":"error","message":"temperature must be non-negative","code":400}"#, "invalid"),
        (422, r#"{"detail":[{"loc":["body","messages"],"msg":"field required"}]}"#, "invalid"),
        (429, r#"{"error":{"message":"Rate limit reached for requests"}}"#, "rate limited"),
        (429, quota, "unauthorized"),
        (400, filter, "refused"),
        (408, "", "transient"),
        (409, "", "transient"),
        (425, "", "transient"),
        (500, "Internal Server Error", "transient"),
        (501, "no such method", "invalid"),
        (502, "<html>Bad Gateway</html>", "transient"),
        (503, r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#, "transient"),
        (504, "", "transient"),
        (529, "overloaded", "transient"),
        (307, "", "invalid"),
        (418, "teapot", "invalid"),
    ];
    for (status, body, expected) in rows {
        check(status, body, expected);
    }
}

#[test]
fn a_conversation_that_does_not_fit_is_told_by_the_words_of_each_server() {
    let rows = [
        // OpenAI.
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            "too long Some(9000) of Some(8192)",
        ),
        // vLLM.
        (
            400,
            r#"{"object":"error","message":"This model's maximum context length is 32768 tokens. However, you requested 40000 tokens (39000 in the messages, 1000 in the completion).","type":"BadRequestError","code":400}"#,
            "too long Some(40000) of Some(32768)",
        ),
        (
            400,
            r#"{"error":{"message":"The decoder prompt (length 300) is longer than the maximum model length of 256.","type":"BadRequestError","code":400}}"#,
            "too long Some(300) of Some(256)",
        ),
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 1024 tokens. However, your prompt contains 19550 characters (more than 19456 characters, which is the upper bound for 1024 input tokens). Please reduce the length of the input prompt. (parameter=input_text, value=19550)","type":"BadRequestError","param":"input_text","code":400}}"#,
            "too long None of Some(1024)",
        ),
        (
            400,
            r#"{"error":{"message":"max_tokens=1000000 cannot be greater than max_model_len=1024. Please request fewer output tokens. (parameter=max_tokens, value=1000000)","type":"BadRequestError","param":"max_tokens","code":400}}"#,
            "too long None of Some(1024)",
        ),
        // What it says where the prompt alone fills the window.
        (
            400,
            r#"{"error":{"message":"max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)","type":"BadRequestError","param":"max_tokens","code":400}}"#,
            "too long None of None",
        ),
        // SGLang.
        (
            400,
            r#"{"object":"error","message":"The input (70000 tokens) is longer than the model's context length (65536 tokens).","code":400}"#,
            "too long Some(70000) of Some(65536)",
        ),
        (
            400,
            r#"{"object":"error","message":"Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5000 tokens: 1000 from the input and 4000 for the completion."}"#,
            "too long Some(5000) of Some(4096)",
        ),
        // llama.cpp, which once said so with a status of its own.
        (
            500,
            r#"{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":1407,"n_ctx":256}}"#,
            "too long Some(1407) of Some(256)",
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"request (4515 tokens) exceeds the available context size (1024 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":4515,"n_ctx":1024}}"#,
            "too long Some(4515) of Some(1024)",
        ),
        (400, r#"{"error":"prompt is too long: 200,001 tokens > 200,000 maximum"}"#, "too long Some(200001) of None"),
    ];
    for (status, body, expected) in rows {
        check(status, body, expected);
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_told_apart() {
    let rows = [
        (r#"{"message":"engine died","code":500}"#, "transient"),
        (r#"{"message":"engine died"}"#, "transient"),
        (r#""just text""#, "transient"),
        (r#"{"message":"slow down","code":429}"#, "rate limited"),
        (r#"{"message":"bad","code":"400"}"#, "invalid"),
        (r#"{"message":"no","code":401}"#, "unauthorized"),
        (r#"{"message":"maximum context length is 10 tokens","code":400}"#, "too long None of Some(10)"),
    ];
    for (object, expected) in rows {
        let error = from_object(&serde_json::from_str(object).unwrap(), str::to_owned);
        assert_eq!(summary(&error), expected, "{object}");
    }
}

#[test]
fn what_the_server_says_of_waiting_is_understood() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let rows = [
        ("retry-after", "7", Some(7.0)),
        ("retry-after", "0.5", Some(0.5)),
        ("retry-after-ms", "250", Some(0.25)),
        ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT", Some(60.0)),
        ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT", Some(0.0)),
        ("retry-after", "soon", None),
        ("retry-after", "-1", None),
        ("retry-after", "1e300", None),
        ("retry-after", "NaN", None),
        ("retry-after", "Sun, 99 Foo 1994 08:50:37 GMT", None),
        ("x-other", "7", None),
    ];
    for (name, value, expected) in rows {
        let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        let expected = expected.map(Duration::from_secs_f64);
        assert_eq!(retry_after(&headers, now), expected, "{name}: {value}");
    }
}

#[test]
fn a_quote_is_one_short_line() {
    assert_eq!(quote(" a\n\tb "), "a b");
    assert_eq!(quote(""), "(nothing)");
    assert_eq!(quote(&"é".repeat(10_000)).chars().count(), 604);
}
