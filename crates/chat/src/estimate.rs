//! What a request will take, before anyone knows.

use std::sync::{Mutex, MutexGuard, PoisonError};

use offseeker_trajectory::{Message, Usage};

use crate::{Reply, Request};

/// Bytes of text that make a token, where nothing better is known.
const BYTES_PER_TOKEN: u64 = 4;

/// Tokens that a reply is thought to have before there was one.
const FIRST_GUESS: f64 = 512.0;

/// How much a reply moves the average.
const WEIGHT: f64 = 0.125;

/// What the replies of one model took so far, and what the next one is thought to take.
#[derive(Debug, Default)]
pub(crate) struct Estimates(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// The moving average of the tokens of a reply.
    average_reply: Option<f64>,
    /// The most tokens that a reply had.
    longest_reply: Option<u64>,
    /// The most tokens that came on a byte of a request.
    densest: f64,
    /// The highest price of a token.
    dearest: Option<f64>,
}

impl Estimates {
    /// The tokens that a request will likely take, its reply included.
    pub(crate) fn likely(&self, request: &Request<'_>) -> u64 {
        let reply = self.seen().average_reply.unwrap_or(FIRST_GUESS).ceil() as u64;
        tokens_of(bytes(request)).saturating_add(reply.min(longest(request)))
    }

    /// The most tokens that a request will take, as far as can be told from those before it.
    ///
    /// Where nothing bounds the reply this is more than any budget has.
    pub(crate) fn most_tokens(&self, request: &Request<'_>) -> u64 {
        let seen = self.seen();
        let bytes = bytes(request);
        let prompt = tokens_of(bytes).max((bytes as f64 * seen.densest).ceil() as u64);
        let reply = request.sampling.max_tokens.map(u64::from).or(seen.longest_reply).unwrap_or(u64::MAX);
        prompt.saturating_add(reply)
    }

    /// The highest price that so many tokens have, as far as can be told; more than any budget has while nothing is
    /// known of prices.
    pub(crate) fn most_cost(&self, tokens: u64) -> u64 {
        self.seen().dearest.map_or(u64::MAX, |price| (tokens as f64 * price).ceil() as u64)
    }

    /// Learns from a reply what the next may take.
    pub(crate) fn learn(&self, request: &Request<'_>, usage: &Usage) {
        let mut seen = self.seen();
        let reply = usage.completion_tokens;
        let average = seen.average_reply.unwrap_or(reply as f64);
        seen.average_reply = Some(average + WEIGHT * (reply as f64 - average));
        seen.longest_reply = seen.longest_reply.max(Some(reply));
        let bytes = bytes(request).max(1) as f64;
        seen.densest = seen.densest.max(usage.prompt_tokens as f64 / bytes);
        let price = usage.cost_microusd as f64 / usage.total_tokens().max(1) as f64;
        seen.dearest = Some(seen.dearest.unwrap_or(0.0).max(price));
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a reply took; tokens that the server says nothing of are counted by their bytes.
pub(crate) fn taken(request: &Request<'_>, reply: &Reply) -> Usage {
    let mut usage = reply.usage;
    if usage.total_tokens() == 0 {
        usage.prompt_tokens = tokens_of(bytes(request));
        usage.completion_tokens = tokens_of(bytes_of(&reply.message));
    }
    usage
}

fn longest(request: &Request<'_>) -> u64 {
    request.sampling.max_tokens.map_or(u64::MAX, u64::from)
}

/// The tokens of a text of this size, where nobody counted them.
pub(crate) fn tokens_of(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

fn bytes(request: &Request<'_>) -> u64 {
    let messages = request.messages.iter().map(bytes_of);
    let tools = request
        .tools
        .iter()
        .map(|tool| (tool.name.len() + tool.description.len()) as u64 + tool.parameters.to_string().len() as u64);
    messages.chain(tools).sum()
}

fn bytes_of(message: &Message) -> u64 {
    let calls: usize = message.tool_calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
    (message.content.len() + message.reasoning.as_deref().map_or(0, str::len) + calls) as u64
}
