//! A recording as bytes: two lines of JSON, compressed, the first with the hash of the second.

use std::io::Read;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Answer;
use super::asked::Asked;
use crate::{ChatError, Reply};

/// The largest recording, in bytes before it is compressed.
const LARGEST: u64 = 256 << 20;

const COMPRESSION: i32 = 3;

#[derive(Serialize, Deserialize)]
struct Head {
    blake3: String,
}

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    asked: &'a RawValue,
    answer: Kept,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Reply(Box<Reply>),
    Error(ChatError),
}

/// Writes a recording.
pub(super) fn encode(asked: &Asked, answer: Answer) -> Result<Vec<u8>, String> {
    let reason = |error: serde_json::Error| error.to_string();
    let asked: &RawValue = serde_json::from_str(asked.json()).map_err(reason)?;
    let body = serde_json::to_string(&Body {
        asked,
        answer: answer.map_or_else(Kept::Error, |reply| Kept::Reply(Box::new(reply))),
    })
    .map_err(reason)?;
    let head = serde_json::to_string(&Head { blake3: hash(&body) }).map_err(reason)?;
    let text = format!("{head}\n{body}\n");
    if text.len() as u64 > LARGEST {
        return Err(format!("it has {} bytes; a recording has at most {LARGEST}", text.len()));
    }
    zstd::encode_all(text.as_bytes(), COMPRESSION).map_err(|error| error.to_string())
}

/// Reads the recording of what was asked, or says what is wrong with it.
pub(super) fn decode(bytes: &[u8], asked: &Asked) -> Result<Answer, String> {
    let mut text = String::new();
    let unpacked = zstd::Decoder::new(bytes).and_then(|packed| packed.take(LARGEST + 1).read_to_string(&mut text));
    unpacked.map_err(|error| format!("it cannot be unpacked: {error}"))?;
    if text.len() as u64 > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    let lines = text.strip_suffix('\n').and_then(|text| text.split_once('\n'));
    let (head, body) = lines.ok_or("it has not two lines")?;
    let head: Head = serde_json::from_str(head).map_err(|error| format!("its first line is wrong: {error}"))?;
    if head.blake3 != hash(body) {
        return Err("its checksum is wrong".to_owned());
    }
    let body: Body<'_> = serde_json::from_str(body).map_err(|error| format!("its second line is wrong: {error}"))?;
    if body.asked.get() != asked.json() {
        return Err("it belongs to another request".to_owned());
    }
    Ok(match body.answer {
        Kept::Reply(reply) => Ok(*reply),
        Kept::Error(error) => Err(error),
    })
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}
