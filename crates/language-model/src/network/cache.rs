//! Keys and values of sequences that grow.

use super::Network;
use super::batch::check_tokens;
use super::layer::Keys;
use super::pass::{Pass, Rows};
use crate::kernels::Span;
use crate::{Config, NetworkError};

/// How many rows run at once: a long prompt goes through in parts.
const ROWS: usize = 1024;
/// No cache has room for more tokens.
const MOST_ROWS: usize = 1 << 24;

/// Keys and values of sequences that grow, so that each token runs through the network once.
#[derive(Clone, Debug)]
pub struct Cache {
    /// For each layer the keys of all sequences.
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    width: usize,
    slots: Vec<Slot>,
}

/// The place of a sequence.
#[derive(Clone, Copy, Debug)]
struct Slot {
    start: usize,
    capacity: usize,
    length: usize,
}

/// Some new tokens of a sequence, among those that run at once.
#[derive(Clone, Copy)]
struct Piece<'a> {
    slot: usize,
    tokens: &'a [u32],
    /// Whose last token this ends with.
    ends: Option<usize>,
}

impl Cache {
    /// A cache for sequences that will have at most so many tokens each; all are empty. Room that is not used yet is
    /// room that the system need not have.
    ///
    /// # Errors
    ///
    /// When no machine has room for so many tokens.
    pub fn new(config: &Config, capacities: &[usize]) -> Result<Self, NetworkError> {
        let width = config.num_key_value_heads * config.head_dim;
        let mut slots = Vec::with_capacity(capacities.len());
        let mut start = 0_usize;
        for capacity in capacities {
            slots.push(Slot { start, capacity: *capacity, length: 0 });
            start = start.saturating_add(*capacity);
        }
        if start > MOST_ROWS {
            return Err(NetworkError::Misfit(format!("a cache of {start} tokens; it has at most {MOST_ROWS}")));
        }
        // Each is asked for by itself: a copy of one would be written to, and so need its memory at once.
        let empty = || (0..config.num_hidden_layers).map(|_| vec![0.0; start * width]).collect();
        Ok(Self { keys: empty(), values: empty(), width, slots })
    }

    /// How many sequences there are.
    #[must_use]
    pub fn sequences(&self) -> usize {
        self.slots.len()
    }

    /// How many tokens a sequence has; none where there is no such sequence.
    #[must_use]
    pub fn length(&self, sequence: usize) -> Option<usize> {
        self.slots.get(sequence).map(|slot| slot.length)
    }

    /// Forgets the tokens of a sequence after so many, to go on in another way.
    ///
    /// # Errors
    ///
    /// When there is no such sequence.
    pub fn truncate(&mut self, sequence: usize, length: usize) -> Result<(), NetworkError> {
        self.slot(sequence)?;
        let slot = &mut self.slots[sequence];
        slot.length = slot.length.min(length);
        Ok(())
    }

    /// Gives a sequence the first tokens of another, in place of its own.
    ///
    /// # Errors
    ///
    /// When there is no such sequence, when the other has fewer tokens, or when there is no room for them.
    pub fn share(&mut self, from: usize, to: usize, length: usize) -> Result<(), NetworkError> {
        let (source, target) = (self.slot(from)?, self.slot(to)?);
        if length > source.length || length > target.capacity {
            let what = format!(
                "{length} tokens of sequence {from}, which has {}, for one of {}",
                source.length, target.capacity
            );
            return Err(NetworkError::Misfit(what));
        }
        let rows = source.start * self.width..(source.start + length) * self.width;
        for kept in self.keys.iter_mut().chain(&mut self.values) {
            kept.copy_within(rows.clone(), target.start * self.width);
        }
        self.slots[to].length = length;
        Ok(())
    }

    fn slot(&self, sequence: usize) -> Result<Slot, NetworkError> {
        let none = || NetworkError::Misfit(format!("no sequence {sequence}; the cache has {}", self.slots.len()));
        self.slots.get(sequence).copied().ok_or_else(none)
    }

    /// Says whether new tokens have room.
    fn check(&self, parts: &[(usize, &[u32])]) -> Result<(), NetworkError> {
        let mut seen = vec![false; self.slots.len()];
        for (sequence, tokens) in parts {
            let slot = self.slot(*sequence)?;
            let again = std::mem::replace(&mut seen[*sequence], true);
            if again || tokens.is_empty() {
                let what = format!("sequence {sequence} is given twice, or without new tokens");
                return Err(NetworkError::Misfit(what));
            }
            if slot.length + tokens.len() > slot.capacity {
                let what = format!(
                    "sequence {sequence} has {} tokens and room for {}; {} more are too many",
                    slot.length,
                    slot.capacity,
                    tokens.len()
                );
                return Err(NetworkError::Misfit(what));
            }
        }
        Ok(())
    }
}

impl Network<'_> {
    /// Lets sequences grow by new tokens, and gives the logits of what follows the last of each, a row a sequence. A
    /// prompt and a single step are the same to it.
    ///
    /// # Errors
    ///
    /// When a token is none of the network's, a sequence is none of the cache, or has no room. Nothing has grown then.
    pub fn extend(
        &self,
        cache: &mut Cache,
        parts: &[(usize, &[u32])],
        pass: &mut Pass,
    ) -> Result<Vec<f32>, NetworkError> {
        let config = self.config();
        let fits =
            cache.keys.len() == config.num_hidden_layers && cache.width == config.num_key_value_heads * config.head_dim;
        if !fits {
            return Err(NetworkError::Misfit("the cache is one of a network of another shape".to_owned()));
        }
        cache.check(parts)?;
        for (_, tokens) in parts {
            check_tokens(tokens, config.vocab_size)?;
        }
        let width = config.hidden_size;
        let mut last = vec![0.0; parts.len() * width];
        for pieces in pieces(parts) {
            self.run(cache, &pieces, pass);
            let mut end = 0;
            for piece in pieces {
                end += piece.tokens.len();
                if let Some(part) = piece.ends {
                    let row = &pass.hidden[(end - 1) * width..end * width];
                    last[part * width..(part + 1) * width].copy_from_slice(row);
                }
            }
        }
        Ok(self.logits(&last))
    }

    fn run(&self, cache: &mut Cache, pieces: &[Piece<'_>], pass: &mut Pass) {
        let (mut tokens, mut positions, mut spans, mut places) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for piece in pieces {
            let slot = &mut cache.slots[piece.slot];
            let new = slot.length..slot.length + piece.tokens.len();
            let (query, queries) = (tokens.len(), piece.tokens.len());
            spans.push(Span { query, queries, key: slot.start, keys: new.end });
            tokens.extend_from_slice(piece.tokens);
            places.extend(new.clone().map(|place| slot.start + place));
            positions
                .extend(new.clone().map(|place| u32::try_from(place).expect("a sequence has fewer than 2^32 tokens")));
            slot.length = new.end;
        }
        let longest = spans.iter().map(|span| span.keys).max().unwrap_or(0);
        pass.forget();
        pass.reach(self.config(), longest);
        self.embed(&tokens, &mut pass.stream);
        for (layer, (keys, values)) in cache.keys.iter_mut().zip(&mut cache.values).enumerate() {
            let (saved, work, stream, rotary) = pass.shared();
            let rows = Rows { spans: &spans, positions: &positions, rotary };
            saved.input.clone_from(stream);
            let keys = Keys::Kept { keys, values, places: &places };
            self.forward_layer(layer, saved, work, rows, keys, Some(stream));
        }
        self.finish(pass);
    }
}

/// Cuts new tokens into what runs at once.
fn pieces<'a>(parts: &[(usize, &'a [u32])]) -> Vec<Vec<Piece<'a>>> {
    let (mut all, mut now, mut filled) = (Vec::new(), Vec::new(), 0);
    for (part, (slot, tokens)) in parts.iter().enumerate() {
        let mut rest = *tokens;
        while !rest.is_empty() {
            let (tokens, later) = rest.split_at(rest.len().min(ROWS - filled));
            now.push(Piece { slot: *slot, tokens, ends: later.is_empty().then_some(part) });
            (rest, filled) = (later, filled + tokens.len());
            if filled == ROWS {
                all.push(std::mem::take(&mut now));
                filled = 0;
            }
        }
    }
    if !now.is_empty() {
        all.push(now);
    }
    all
}
