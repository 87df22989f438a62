//! A server of OpenAI's protocol that answers at once: calls of the tool, and at last the answer.

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::request::{find, request};
use crate::world::{STEPS, next, text};

/// Answers until the process is killed.
pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        println!("http://{}/v1", listener.local_addr().expect("a bound listener has an address"));
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
}

async fn serve(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut bytes = Vec::new();
    loop {
        let Some(size) = request(&mut stream, &mut bytes).await else { return };
        let answer = answer(&bytes[..size]);
        bytes.drain(..size);
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next turn of a conversation, whose turns are counted by the words for them. The last turn calls the tool that
/// a loop wants its answer in, where it has one.
fn answer(request: &[u8]) -> String {
    let turns = count(request, b"\"role\":\"assistant\"") + count(request, b"\"role\": \"assistant\"");
    let number = next();
    let answer = json!({"answer": "the Orsa"});
    let call = if turns + 1 < STEPS {
        Some(("look_up", json!({"number": number})))
    } else if find(request, b"\"final_answer\"").is_some() {
        Some(("final_answer", answer))
    } else if find(request, b"\"submit\"").is_some() {
        Some(("submit", answer))
    } else {
        None
    };
    let content = if call.is_some() { text(number, 2) } else { "<answer>the Orsa</answer>".to_owned() };
    let mut message = json!({"role": "assistant", "content": content});
    if let Some((name, arguments)) = &call {
        let function = json!({"name": name, "arguments": arguments.to_string()});
        message["tool_calls"] = json!([{"id": format!("call_{number}"), "type": "function", "function": function}]);
    }
    let finish = if call.is_some() { "tool_calls" } else { "stop" };
    let body = json!({
        "id": format!("chatcmpl-{number}"),
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "made",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}],
        "usage": {"prompt_tokens": 5_000, "completion_tokens": 150, "total_tokens": 5_150},
    });
    let body = body.to_string();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn count(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len()).filter(|window| *window == part).count()
}
