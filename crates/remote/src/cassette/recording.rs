//! A recording as bytes: two lines of JSON, compressed, the first with the hash of the second.

use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Asked;

/// The largest recording, in bytes before it is compressed.
const LARGEST: u64 = 256 << 20;

const COMPRESSION: i32 = 3;

/// What was answered, and when.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recording<T, E> {
    pub(super) answer: Result<T, E>,
    /// In seconds since 1970, where it is known.
    recorded_at: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    blake3: String,
}

#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned, E: DeserializeOwned"))]
struct Body<'a, T, E> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recorded_at: Option<u64>,
    #[serde(borrow)]
    asked: &'a RawValue,
    answer: Kept<T, E>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept<T, E> {
    Reply(Box<T>),
    Error(E),
}

impl<T, E> Recording<T, E> {
    pub(super) fn new(answer: Result<T, E>, now: SystemTime) -> Self {
        Self { answer, recorded_at: now.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs()) }
    }

    /// Whether it is at most so old. What has no date is old, and so is what comes from far in the future, where a
    /// clock was wrong.
    pub(super) fn is_fresh(&self, most: Duration, now: SystemTime) -> bool {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.recorded_at.is_some_and(|at| Duration::from_secs(at.abs_diff(now)) <= most)
    }

    /// Writes it down as the answer to what was asked.
    pub(super) fn encode(self, asked: &Asked) -> Result<Vec<u8>, String>
    where
        T: Serialize,
        E: Serialize,
    {
        let reason = |error: serde_json::Error| error.to_string();
        let asked: &RawValue = serde_json::from_str(asked.json()).map_err(reason)?;
        let answer = self.answer.map_or_else(Kept::Error, |reply| Kept::Reply(Box::new(reply)));
        let body = serde_json::to_string(&Body { recorded_at: self.recorded_at, asked, answer }).map_err(reason)?;
        let head = serde_json::to_string(&Head { blake3: hash(&body) }).map_err(reason)?;
        let text = format!("{head}\n{body}\n");
        if text.len() as u64 > LARGEST {
            return Err(format!("it has {} bytes; a recording has at most {LARGEST}", text.len()));
        }
        zstd::encode_all(text.as_bytes(), COMPRESSION).map_err(|error| error.to_string())
    }

    /// Reads the recording of what was asked, or says what is wrong with it.
    pub(super) fn decode(bytes: &[u8], asked: &Asked) -> Result<Self, String>
    where
        T: DeserializeOwned,
        E: DeserializeOwned,
    {
        let text = unpacked(bytes)?;
        let lines = text.strip_suffix('\n').and_then(|text| text.split_once('\n'));
        let (head, body) = lines.ok_or("it has not two lines")?;
        let head: Head = serde_json::from_str(head).map_err(|error| format!("its first line is wrong: {error}"))?;
        if head.blake3 != hash(body) {
            return Err("its checksum is wrong".to_owned());
        }
        let body: Body<'_, T, E> =
            serde_json::from_str(body).map_err(|error| format!("its second line is wrong: {error}"))?;
        if body.asked.get() != asked.json() {
            return Err("it belongs to another request".to_owned());
        }
        let answer = match body.answer {
            Kept::Reply(reply) => Ok(*reply),
            Kept::Error(error) => Err(error),
        };
        Ok(Self { answer, recorded_at: body.recorded_at })
    }
}

fn unpacked(bytes: &[u8]) -> Result<String, String> {
    let mut text = String::new();
    let unpacked = zstd::Decoder::new(bytes).and_then(|packed| packed.take(LARGEST + 1).read_to_string(&mut text));
    unpacked.map_err(|error| format!("it cannot be unpacked: {error}"))?;
    if text.len() as u64 > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    Ok(text)
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}
