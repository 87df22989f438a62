//! Keys and values of sequences that grow.

use super::Network;
use super::batch::check_tokens;
use super::layer::Keys;
use super::pass::{Pass, Rows};
use super::pool;
use crate::kernels::{self, Head, Span};
use crate::{Config, NetworkError};

/// How many rows run at once: a long prompt goes through in parts.
const ROWS: usize = 1024;
/// A sequence grows by no fewer tokens.
const GROWTH: usize = 64;
/// A network of so few numbers is a small one: it stays in the caches of a processor, however often it is read.
const SMALL: usize = 1 << 22;
/// No cache has room for more tokens.
const MOST_ROWS: usize = 1 << 24;

/// Keys and values of sequences that grow, so that each token runs through the network once.
///
/// What a sequence is given, and what follows it, is the same to the bit whatever runs beside it, in whatever parts its
/// tokens come, and whether its beginning was run for it or [shared](Self::share).
#[derive(Clone, Debug)]
pub struct Cache {
    layers: usize,
    width: usize,
    /// None where a sequence was removed.
    slots: Vec<Option<Slot>>,
}

/// A sequence.
#[derive(Clone, Debug)]
struct Slot {
    /// For each layer.
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    capacity: usize,
    length: usize,
}

impl Slot {
    fn new(layers: usize, capacity: usize) -> Self {
        let empty = || vec![Vec::new(); layers];
        Self { keys: empty(), values: empty(), capacity, length: 0 }
    }
}

/// The keys and values of one layer, of the sequences that run at once.
pub(super) struct KeptLayer<'a> {
    kept: Vec<[&'a mut Vec<f32>; 2]>,
    width: usize,
}

impl KeptLayer<'_> {
    /// Adds those of the rows that run.
    pub(super) fn add(&mut self, keys: &[f32], values: &[f32], spans: &[Span]) {
        for (kept, span) in self.kept.iter_mut().zip(spans) {
            let before = (span.keys - span.queries) * self.width;
            let rows = span.query * self.width..(span.query + span.queries) * self.width;
            for (kept, new) in kept.iter_mut().zip([&keys[rows.clone()], &values[rows]]) {
                kept.truncate(before);
                if kept.capacity() < before + new.len() {
                    kept.reserve_exact(new.len().max(before / 4).max(GROWTH * self.width));
                }
                kept.extend_from_slice(new);
            }
        }
    }

    pub(super) fn slices(&self) -> Vec<[&[f32]; 2]> {
        self.kept.iter().map(|[keys, values]| [keys.as_slice(), values.as_slice()]).collect()
    }
}

/// Some new tokens of a part, among those that run at once.
#[derive(Clone, Copy)]
struct Piece<'a> {
    part: usize,
    tokens: &'a [u32],
    /// Whether the part ends with them.
    is_last: bool,
}

impl Cache {
    /// A cache for sequences that will have at most so many tokens each; all are empty, and take memory as they grow.
    ///
    /// # Errors
    ///
    /// When no machine has room for so many tokens.
    pub fn new(config: &Config, capacities: &[usize]) -> Result<Self, NetworkError> {
        let layers = config.num_hidden_layers;
        let mut cache = Self { layers, width: config.num_key_value_heads * config.head_dim, slots: Vec::new() };
        for capacity in capacities {
            cache.add(*capacity)?;
        }
        Ok(cache)
    }

    /// Adds a sequence that will have at most so many tokens, and gives its number.
    ///
    /// # Errors
    ///
    /// When no machine has room for so many tokens.
    pub fn add(&mut self, capacity: usize) -> Result<usize, NetworkError> {
        let all = self.slots.iter().flatten().fold(capacity, |sum, slot| sum.saturating_add(slot.capacity));
        if all > MOST_ROWS {
            return Err(NetworkError::Misfit(format!("a cache of {all} tokens; it has at most {MOST_ROWS}")));
        }
        let slot = Some(Slot::new(self.layers, capacity));
        if let Some(free) = self.slots.iter().position(Option::is_none) {
            self.slots[free] = slot;
            return Ok(free);
        }
        self.slots.push(slot);
        Ok(self.slots.len() - 1)
    }

    /// Removes a sequence and frees its memory. Its number is given to the next one that is added.
    ///
    /// # Errors
    ///
    /// When there is no such sequence.
    pub fn remove(&mut self, sequence: usize) -> Result<(), NetworkError> {
        self.slot(sequence)?;
        self.slots[sequence] = None;
        Ok(())
    }

    /// Says how many tokens a sequence will have at most from now on.
    ///
    /// # Errors
    ///
    /// When there is no such sequence, when it has more tokens already, or when no machine has room for so many.
    pub fn set_capacity(&mut self, sequence: usize, capacity: usize) -> Result<(), NetworkError> {
        let has = self.slot(sequence)?.length;
        let others =
            self.slots.iter().enumerate().filter(|(at, _)| *at != sequence).filter_map(|(_, slot)| slot.as_ref());
        let all = others.fold(capacity, |sum, slot| sum.saturating_add(slot.capacity));
        if capacity < has || all > MOST_ROWS {
            let what = format!("room for {capacity} tokens for sequence {sequence}, which has {has}, of {all} in all");
            return Err(NetworkError::Misfit(what));
        }
        self.slot_mut(sequence)?.capacity = capacity;
        Ok(())
    }

    /// How many sequences there are.
    #[must_use]
    pub fn sequences(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    /// How many tokens a sequence has; none where there is no such sequence.
    #[must_use]
    pub fn length(&self, sequence: usize) -> Option<usize> {
        self.slots.get(sequence)?.as_ref().map(|slot| slot.length)
    }

    /// Forgets the tokens of a sequence after so many, to go on in another way.
    ///
    /// # Errors
    ///
    /// When there is no such sequence.
    pub fn truncate(&mut self, sequence: usize, length: usize) -> Result<(), NetworkError> {
        let width = self.width;
        let slot = self.slot_mut(sequence)?;
        slot.length = slot.length.min(length);
        for kept in slot.keys.iter_mut().chain(&mut slot.values) {
            kept.truncate(slot.length * width);
        }
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
        if from == to {
            return self.truncate(to, length);
        }
        let copy = |all: &[Vec<f32>]| all.iter().map(|kept| kept[..length * self.width].to_vec()).collect();
        let (keys, values) = (copy(&source.keys), copy(&source.values));
        let capacity = target.capacity;
        self.slots[to] = Some(Slot { keys, values, capacity, length });
        Ok(())
    }

    fn slot(&self, sequence: usize) -> Result<&Slot, NetworkError> {
        self.slots.get(sequence).and_then(Option::as_ref).ok_or_else(|| none(sequence))
    }

    fn slot_mut(&mut self, sequence: usize) -> Result<&mut Slot, NetworkError> {
        self.slots.get_mut(sequence).and_then(Option::as_mut).ok_or_else(|| none(sequence))
    }

    /// The sequences of some parts, in their order.
    fn of_parts(&mut self, parts: &[(usize, &[u32])]) -> Vec<&mut Slot> {
        let mut slots: Vec<Option<&mut Slot>> = self.slots.iter_mut().map(Option::as_mut).collect();
        let taken = parts.iter().map(|(slot, _)| slots[*slot].take());
        taken.map(|slot| slot.expect("it was checked that each is there, once")).collect()
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
        self.extend_for(cache, parts, &vec![true; parts.len()], pass)
    }

    /// The same, with the logits of those parts alone of which they are wanted: the piece of a prompt that is not its
    /// last needs none.
    ///
    /// # Errors
    ///
    /// As [`extend`](Self::extend), and when it is not said of each part whether its logits are wanted.
    pub fn extend_for(
        &self,
        cache: &mut Cache,
        parts: &[(usize, &[u32])],
        wanted: &[bool],
        pass: &mut Pass,
    ) -> Result<Vec<f32>, NetworkError> {
        let config = self.config();
        let width = config.num_key_value_heads * config.head_dim;
        if cache.layers != config.num_hidden_layers || cache.width != width {
            return Err(NetworkError::Misfit("the cache is one of a network of another shape".to_owned()));
        }
        if wanted.len() != parts.len() {
            let what = format!("{} parts, and of {} it is said whether logits are wanted", parts.len(), wanted.len());
            return Err(NetworkError::Misfit(what));
        }
        cache.check(parts)?;
        for (_, tokens) in parts {
            check_tokens(tokens, config.vocab_size)?;
        }
        let mut slots = cache.of_parts(parts);
        Ok(pool::inside(|| self.grow(&mut slots, parts, wanted, pass, rayon::current_num_threads())))
    }

    /// Lets parts grow. In a small network threads share them out: its kernels are too short to share out each. In a large
    /// one they stay together, so that each weight is read once for all of them.
    fn grow(
        &self,
        slots: &mut [&mut Slot],
        parts: &[(usize, &[u32])],
        wanted: &[bool],
        pass: &mut Pass,
        threads: usize,
    ) -> Vec<f32> {
        if threads < 2 || parts.len() < 2 || self.weights.values().len() > SMALL {
            return self.grow_together(slots, parts, wanted, pass);
        }
        let middle = middle(parts);
        let (slots, later_slots) = slots.split_at_mut(middle);
        let (parts, later_parts) = parts.split_at(middle);
        let (wanted, later_wanted) = wanted.split_at(middle);
        let mut beside = pass.take_beside();
        let (mut logits, later) = rayon::join(
            || self.grow(slots, parts, wanted, pass, threads.div_ceil(2)),
            || self.grow(later_slots, later_parts, later_wanted, &mut beside, threads / 2),
        );
        pass.keep_beside(beside);
        logits.extend(later);
        logits
    }

    fn grow_together(
        &self,
        slots: &mut [&mut Slot],
        parts: &[(usize, &[u32])],
        wanted: &[bool],
        pass: &mut Pass,
    ) -> Vec<f32> {
        let width = self.config().hidden_size;
        let mut last = Vec::new();
        for pieces in pieces(parts) {
            self.run(slots, &pieces, pass);
            let mut end = 0;
            for piece in pieces {
                end += piece.tokens.len();
                if piece.is_last && wanted[piece.part] {
                    last.extend_from_slice(&pass.hidden[(end - 1) * width..end * width]);
                }
            }
        }
        self.steady_logits(&last)
    }

    /// The logits of hidden rows, each for itself.
    fn steady_logits(&self, hidden: &[f32]) -> Vec<f32> {
        let Head { weight, width, tokens } = self.head();
        let mut logits = vec![0.0; hidden.len() / width * tokens];
        kernels::steady_product(&mut logits, false, hidden, weight, width);
        logits
    }

    /// Runs pieces of parts that follow each other.
    fn run(&self, slots: &mut [&mut Slot], pieces: &[Piece<'_>], pass: &mut Pass) {
        let (mut tokens, mut positions, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for piece in pieces {
            let slot = &mut slots[piece.part];
            let new = slot.length..slot.length + piece.tokens.len();
            let (query, queries) = (tokens.len(), piece.tokens.len());
            spans.push(Span { query, queries, key: 0, keys: new.end });
            tokens.extend_from_slice(piece.tokens);
            positions
                .extend(new.clone().map(|place| u32::try_from(place).expect("a sequence has fewer than 2^32 tokens")));
            slot.length = new.end;
        }
        let first = pieces.first().map_or(0, |piece| piece.part);
        let slots = &mut slots[first..first + pieces.len()];
        let longest = spans.iter().map(|span| span.keys).max().unwrap_or(0);
        pass.forget();
        pass.reach(self.config(), longest);
        self.embed(&tokens, &mut pass.stream);
        for layer in 0..self.config().num_hidden_layers {
            let (saved, work, stream, rotary) = pass.shared();
            let rows = Rows { spans: &spans, positions: &positions, rotary };
            saved.input.clone_from(stream);
            let kept = slots.iter_mut().map(|slot| [&mut slot.keys[layer], &mut slot.values[layer]]);
            let width = self.heads().key_row();
            let kept = KeptLayer { kept: kept.collect(), width };
            self.forward_layer(layer, saved, work, rows, Keys::Kept(kept), Some(stream));
        }
        self.finish(pass);
    }
}

/// Where parts are cut in two, so that about as many tokens are before as after.
fn middle(parts: &[(usize, &[u32])]) -> usize {
    let all: usize = parts.iter().map(|(_, tokens)| tokens.len()).sum();
    let mut before = 0;
    let cut = parts.iter().position(|(_, tokens)| {
        before += tokens.len();
        2 * before >= all
    });
    cut.map_or(1, |last| last + 1).min(parts.len() - 1)
}

fn none(sequence: usize) -> NetworkError {
    NetworkError::Misfit(format!("no sequence {sequence} in the cache"))
}

/// Cuts new tokens into what runs at once.
fn pieces<'a>(parts: &[(usize, &'a [u32])]) -> Vec<Vec<Piece<'a>>> {
    let (mut all, mut now, mut filled) = (Vec::new(), Vec::new(), 0);
    for (part, (_, tokens)) in parts.iter().enumerate() {
        let mut rest = *tokens;
        while !rest.is_empty() {
            let (tokens, later) = rest.split_at(rest.len().min(ROWS - filled));
            now.push(Piece { part, tokens, is_last: later.is_empty() });
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
