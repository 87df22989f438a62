//! The messages of an attempt as rows: long texts are kept once for all attempts, tokens as the numbers that they are.

use offseeker_trajectory::{Node, NodeId, Origin, SampledTokens};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::fault::{Fault, Maybe};
use super::packed::{pack, unpack};
use super::piece::json;
use super::table::{NODES, integer};
use super::text::{Text, Texts};
use crate::StoreError;

/// A text that is longer than this is stored once, whoever says it.
const LONG: usize = 200;

/// A message that is ready to be stored.
#[derive(Debug)]
pub(super) struct PackedNode {
    content: Option<Text>,
    reasoning: Option<Text>,
    tokens: Option<Vec<u8>>,
    body: Vec<u8>,
}

impl PackedNode {
    /// Packs a message, which is afterwards as it was.
    pub(super) fn of(node: &mut Node) -> Result<Self, StoreError> {
        let content = (node.message.content.len() > LONG).then(|| std::mem::take(&mut node.message.content));
        let reasoning = node.message.reasoning.take_if(|text| text.len() > LONG);
        let tokens = tokens_of(node).and_then(Option::take);
        let body = json(&*node);
        let packed = body.map(|body| Self {
            content: content.as_deref().map(|text| Text::of(text.as_bytes())),
            reasoning: reasoning.as_deref().map(|text| Text::of(text.as_bytes())),
            tokens: tokens.as_ref().map(|tokens| pack(&bytes_of(tokens))),
            body: pack(&body),
        });
        if let Some(content) = content {
            node.message.content = content;
        }
        if reasoning.is_some() {
            node.message.reasoning = reasoning;
        }
        if let Some(place) = tokens_of(node).filter(|_| tokens.is_some()) {
            *place = tokens;
        }
        packed
    }

    /// How many bytes are to be written.
    pub(super) fn weight(&self) -> usize {
        let texts = [&self.content, &self.reasoning].into_iter().flatten().map(Text::weight).sum::<usize>();
        texts + self.tokens.as_ref().map_or(0, Vec::len) + self.body.len()
    }

    pub(super) fn keep(&self, db: &Connection, key: i64) -> Maybe<()> {
        let keep = |text: &Option<Text>| text.as_ref().map(|text| text.keep(db)).transpose();
        let (content, reasoning) = (keep(&self.content)?, keep(&self.reasoning)?);
        let tokens = ValueRef::from(self.tokens.as_deref());
        NODES.insert(db, key, [integer(content), integer(reasoning), tokens, ValueRef::Blob(&self.body)])
    }
}

/// The key of a message: the attempt in the upper half, the place in the lower.
pub(super) fn key_of(attempt: i64, place: NodeId) -> i64 {
    attempt << 32 | i64::try_from(place.index()).expect("a place has 32 bits")
}

/// The attempt and the place that a key is made of.
pub(super) fn parts_of(key: i64) -> (i64, NodeId) {
    (key >> 32, NodeId::new(u32::try_from(key & 0xffff_ffff).expect("the lower half has 32 bits")))
}

/// The message in a row.
pub(super) fn opened([content, reasoning, tokens, body]: [ValueRef<'_>; 4], texts: &dyn Texts) -> Maybe<Node> {
    let text = |value: ValueRef<'_>| match value.as_i64_or_null()? {
        None => Ok(None),
        Some(key) => String::from_utf8(texts.text(key)?).map(Some).map_err(|_| Fault::damage("a text is no UTF-8")),
    };
    let mut node: Node = serde_json::from_slice(&unpack(body.as_blob()?)?)?;
    if let Some(content) = text(content)? {
        node.message.content = content;
    }
    if let Some(reasoning) = text(reasoning)? {
        node.message.reasoning = Some(reasoning);
    }
    if let Some(packed) = tokens.as_blob_or_null()? {
        let tokens = tokens_in(&unpack(packed)?)?;
        *tokens_of(&mut node).ok_or_else(|| Fault::damage("tokens of a message that was not sampled"))? = Some(tokens);
    }
    Ok(node)
}

/// The message at a place, where there is one.
pub(super) fn find(db: &Connection, key: i64) -> Maybe<Option<Node>> {
    let mut statement = db.prepare_cached("SELECT * FROM node WHERE key = ?")?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(|row| opened(NODES.open(row)?.1, db)).transpose()
}

fn tokens_of(node: &mut Node) -> Option<&mut Option<SampledTokens>> {
    match &mut node.origin {
        Origin::Sampled(sampled) => Some(&mut sampled.tokens),
        _ => None,
    }
}

/// How many ids there are, the ids, and the log-probabilities, each in four bytes.
fn bytes_of(tokens: &SampledTokens) -> Vec<u8> {
    let count = u32::try_from(tokens.ids().len()).expect("more than four billion tokens do not fit a context");
    let ids = tokens.ids().iter().map(|id| id.to_le_bytes());
    let logprobs = tokens.logprobs().iter().map(|logprob| logprob.to_le_bytes());
    std::iter::once(count.to_le_bytes()).chain(ids).chain(logprobs).flatten().collect()
}

fn tokens_in(bytes: &[u8]) -> Maybe<SampledTokens> {
    let broken = || Fault::damage("the tokens of a message cannot be read");
    let (words, []) = bytes.as_chunks::<4>() else { return Err(broken()) };
    let (count, words) = words.split_first().ok_or_else(broken)?;
    let (ids, logprobs) = words.split_at_checked(u32::from_le_bytes(*count) as usize).ok_or_else(broken)?;
    let ids = ids.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let logprobs = logprobs.iter().map(|word| f32::from_le_bytes(*word)).collect();
    SampledTokens::new(ids, logprobs).map_err(|_| broken())
}
