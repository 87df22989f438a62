//! The buffers of a pass through the network, counted as it allocates them.

use offseeker_language_model::kernels::{Choice, Head};
use offseeker_language_model::{Config, Keep};

use super::{MemoryRequest, Trained};

/// Rows of queries and of keys that attention works on at once.
const TILE: [u128; 2] = [64, 128];
/// What a thread packs the factors of a product into: about its own cache.
const PACKED: u128 = 1 << 20;
/// Bytes of an `f32`.
const NUMBER: u128 = 4;

/// The buffers of a pass, in bytes.
#[derive(Clone, Copy)]
pub(super) struct PassMemory {
    /// What each layer leaves for the way back.
    pub(super) kept: u128,
    /// What a layer needs while it runs.
    pub(super) work: u128,
    /// The stream, the rows before the head, the batch and the angles.
    pub(super) stream: u128,
    /// The rows whose logits are there at once.
    pub(super) head: u128,
}

/// How many numbers a row has.
struct Widths {
    stream: u128,
    asked: u128,
    answered: u128,
    heads: u128,
    inner: u128,
}

impl Widths {
    fn of(config: &Config) -> Self {
        Self {
            stream: config.hidden_size as u128,
            asked: (config.num_attention_heads * config.head_dim) as u128,
            answered: (config.num_key_value_heads * config.head_dim) as u128,
            heads: config.num_attention_heads as u128,
            inner: config.intermediate_size as u128,
        }
    }

    /// What a layer leaves beside its input: queries, keys, values, what was attended to, the sums of its softmax, the
    /// stream in the middle, gates and what they let through.
    fn saved(&self) -> u128 {
        2 * self.asked + 2 * self.answered + self.heads + self.stream + 2 * self.inner
    }

    fn forward(&self) -> u128 {
        self.stream + self.asked + self.answered + self.inner
    }

    /// The gradients of a layer, those of attention twice: by rows and by heads.
    fn backward(&self) -> u128 {
        2 * self.stream + self.inner + 2 * self.asked + 3 * self.answered + (self.asked + 2 * self.answered)
    }
}

impl PassMemory {
    pub(super) fn of(request: &MemoryRequest, keep: Keep) -> Self {
        let (config, rows) = (&request.config, request.tokens as u128);
        let layers = config.num_hidden_layers as u128;
        let widths = Widths::of(config);
        let goes_back = keep != Keep::Nothing;
        let kept = match keep {
            Keep::Everything => layers * (widths.stream + widths.saved()),
            Keep::Inputs => layers * widths.stream,
            Keep::Nothing => 0,
        };
        let shared = match keep {
            Keep::Everything => 0,
            Keep::Inputs => widths.saved(),
            Keep::Nothing => widths.stream + widths.saved(),
        };
        let narrow = match &request.trained {
            Trained::Adapter(adapter) => adapter.rank as u128,
            Trained::Weights | Trained::Nothing => 0,
        };
        let work = shared + widths.forward() + narrow + if goes_back { widths.backward() } else { 0 };
        let streams = if goes_back { 3 } else { 2 } * widths.stream;
        Self {
            kept: rows * kept * NUMBER,
            work: rows * work * NUMBER + attention(request, goes_back) + request.threads.max(1) as u128 * PACKED,
            stream: rows * (streams * NUMBER + batch(goes_back)) + angles(request),
            head: head(request, goes_back),
        }
    }

    pub(super) fn total(&self) -> u128 {
        self.kept + self.work + self.stream + self.head
    }
}

/// What each thread needs for the heads that it works on.
fn attention(request: &MemoryRequest, goes_back: bool) -> u128 {
    let config = &request.config;
    let (group, dim) = ((config.num_attention_heads / config.num_key_value_heads) as u128, config.head_dim as u128);
    let [queries, keys] = TILE;
    let forward = queries * group * (2 * dim + keys);
    // The queries and the gradients of one answering head over the whole of a sequence, in buffers that grow by doubling.
    let backward = grown(request.longest) * group * 2 * dim + 2 * queries * group * keys;
    let busy = request.threads.max(1).min(if goes_back { config.num_key_value_heads } else { usize::MAX });
    busy as u128 * if goes_back { forward.max(backward) } else { forward } * NUMBER
}

/// Tokens, positions, choices and their log-probabilities, of the batch and of its copy for the way back.
fn batch(goes_back: bool) -> u128 {
    let row = 2 * NUMBER + size_of::<Choice>() as u128;
    let log_probabilities = 3 * NUMBER;
    if goes_back { 2 * row + log_probabilities } else { row + log_probabilities }
}

fn angles(request: &MemoryRequest) -> u128 {
    grown(request.longest) * request.config.head_dim as u128 * NUMBER
}

fn head(request: &MemoryRequest, goes_back: bool) -> u128 {
    let Config { vocab_size, hidden_size, .. } = request.config;
    let rows = Head { weight: &[], width: hidden_size, tokens: vocab_size }.rows_at_once().min(request.tokens);
    let inputs = grown(rows) + if goes_back { rows as u128 } else { 0 };
    (rows as u128 * vocab_size as u128 + inputs * hidden_size as u128) * NUMBER
}

/// How many places a buffer has that grew by doubling.
fn grown(places: usize) -> u128 {
    places.next_power_of_two() as u128
}
