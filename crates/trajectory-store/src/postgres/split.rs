//! A message as it is stored: long texts apart from the rest, under the hashes of their contents.

use std::collections::BTreeMap;

use offseeker_trajectory::Node;

use super::packed::{pack_json, unpack, unpack_json};
use crate::StoreError;

/// Texts from this length on are stored apart, once each.
const LONG: usize = 200;

/// The name of a text: its blake3 hash.
pub(super) type Hash = [u8; 32];

/// A message without its long texts.
#[derive(Debug)]
pub(super) struct Split {
    /// The rest of it, packed.
    pub(super) body: Vec<u8>,
    /// The text, where it is long.
    pub(super) content: Option<Hash>,
    /// The reasoning, where it is long.
    pub(super) reasoning: Option<Hash>,
    /// When it was written, by the clock.
    pub(super) clock_ms: Option<u64>,
}

impl Split {
    /// Takes a message apart; its long texts are added to the blobs.
    pub(super) fn of(mut node: Node, blobs: &mut BTreeMap<Hash, String>) -> Result<Self, StoreError> {
        let mut apart = |text: String| {
            let hash = hash_of(&text);
            blobs.insert(hash, text);
            hash
        };
        let is_long = |text: &String| text.len() >= LONG;
        let content = is_long(&node.message.content).then(|| apart(std::mem::take(&mut node.message.content)));
        let reasoning = node.message.reasoning.take_if(|text| is_long(text)).map(apart);
        let clock_ms = node.at.map(|at| at.clock_ms);
        Ok(Self { body: pack_json(&node)?, content, reasoning, clock_ms })
    }
}

/// The name of a text.
pub(super) fn hash_of(text: &str) -> Hash {
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// Puts a message together again, or says what is wrong with what was stored.
pub(super) fn join(body: &[u8], content: Option<String>, reasoning: Option<String>) -> Result<Node, String> {
    let mut node: Node = unpack_json(body)?;
    if let Some(content) = content {
        node.message.content = content;
    }
    if reasoning.is_some() {
        node.message.reasoning = reasoning;
    }
    Ok(node)
}

/// The text of a blob, or what is wrong with it.
pub(super) fn text_of(hash: &[u8], packed: &[u8]) -> Result<String, String> {
    let text = String::from_utf8(unpack(packed)?).map_err(|error| error.to_string())?;
    if hash_of(&text) == hash { Ok(text) } else { Err("the text is not the one that its hash names".to_owned()) }
}
