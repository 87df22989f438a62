//! How observations are carried over the protocol.

use offseeker_trajectory::{CallStatus, Source};
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, MetaObject, ResourceContents};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Cut, Observation};

/// The key of the metadata.
const KEY: &str = "offseeker/observation";

/// What travels beside the text.
#[derive(Serialize, Deserialize)]
struct Beside {
    status: CallStatus,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    coerced: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut: Option<Cut>,
}

/// An observation as the protocol carries it.
pub(super) fn pack(observation: Observation) -> CallToolResult {
    let Observation { status, text, sources, coerced, cut, .. } = observation;
    let content = vec![ContentBlock::text(text)];
    let mut result =
        if status == CallStatus::Ok { CallToolResult::success(content) } else { CallToolResult::error(content) };
    if let Ok(beside) = serde_json::to_value(Beside { status, sources, coerced, cut }) {
        let mut meta = JsonObject::new();
        meta.insert(KEY.to_owned(), beside);
        result.meta = Some(MetaObject(meta));
    }
    result
}

/// An observation from what a server sent.
pub(super) fn unpack(result: CallToolResult) -> Observation {
    let texts: Vec<String> = result.content.into_iter().map(text_of).collect();
    let mut text = texts.join("\n");
    if let (true, Some(value)) = (text.is_empty(), &result.structured_content) {
        text = value.to_string();
    }
    let failed = result.is_error.unwrap_or(false);
    let status = if failed { CallStatus::Internal } else { CallStatus::Ok };
    let beside = result.meta.and_then(|mut meta| meta.0.remove(KEY));
    match beside.map(serde_json::from_value) {
        Some(Ok(Beside { status, sources, coerced, cut })) => {
            Observation { coerced, cut, ..Observation::new(status, text).showing(sources) }
        }
        _ => Observation::new(status, text),
    }
}

/// What a model can read of a part of an answer.
fn text_of(block: ContentBlock) -> String {
    let left_out = |what: &str, kind: &str, length: usize| format!("[{what} ({kind}, {length} bytes) is left out]");
    match block {
        ContentBlock::Text(text) => text.text,
        ContentBlock::Image(image) => left_out("An image", &image.mime_type, image.data.len() / 4 * 3),
        ContentBlock::Audio(audio) => left_out("A recording", &audio.mime_type, audio.data.len() / 4 * 3),
        ContentBlock::Resource(embedded) => match embedded.resource {
            ResourceContents::TextResourceContents { uri, text, .. } => format!("{uri}\n{text}"),
            ResourceContents::BlobResourceContents { uri, mime_type, blob, .. } => {
                left_out(&uri, mime_type.as_deref().unwrap_or("unknown"), blob.len() / 4 * 3)
            }
            _ => "[A resource of an unknown kind is left out]".to_owned(),
        },
        ContentBlock::ResourceLink(link) => {
            let value = serde_json::to_value(&link).unwrap_or(Value::Null);
            let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", field("name"), field("uri"))
        }
        _ => "[A part of an unknown kind is left out]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use offseeker_trajectory::View;

    use super::*;

    #[test]
    fn observations_come_through_whole() {
        for status in [CallStatus::Ok, CallStatus::NotFound, CallStatus::RateLimited] {
            let source = Source { url: "karlin:mill".to_owned(), view: View::Page };
            let mut observation = Observation::new(status, "It stands on the Orsa.").showing([source]);
            observation.coerced = vec!["urls: one thing became a list of one".to_owned()];
            observation.cut = Some(Cut { from: 12, to: 7 });
            assert_eq!(unpack(pack(observation.clone())), observation);
        }
    }

    #[test]
    fn what_others_send_is_read() {
        let check = |json: &str, status: CallStatus, text: &str| {
            let result: CallToolResult = serde_json::from_str(json).unwrap();
            let observation = unpack(result);
            assert_eq!((observation.status, observation.text.as_str()), (status, text), "{json}");
        };
        check(r#"{"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}"#, CallStatus::Ok, "a\nb");
        check(r#"{"content": [{"type": "text", "text": "no"}], "isError": true}"#, CallStatus::Internal, "no");
        check(r#"{"content": [], "structuredContent": {"n": 5}}"#, CallStatus::Ok, r#"{"n":5}"#);
        check(
            r#"{"content": [{"type": "image", "data": "AAAA", "mimeType": "image/png"}]}"#,
            CallStatus::Ok,
            "[An image (image/png, 3 bytes) is left out]",
        );
        check(
            r#"{"content": [{"type": "resource", "resource": {"uri": "karlin:mill", "text": "The mill."}}]}"#,
            CallStatus::Ok,
            "karlin:mill\nThe mill.",
        );
        check(
            r#"{"content": [{"type": "resource_link", "uri": "karlin:mill", "name": "Karlin mill"}]}"#,
            CallStatus::Ok,
            "Karlin mill: karlin:mill",
        );
    }
}
