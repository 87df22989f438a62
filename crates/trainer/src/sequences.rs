//! What is learnt from: sequences of tokens, each with what it counts, and pairs of such.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use offseeker_durable::{LineError, Lines};
use offseeker_language_model::{Batch, Cutoff, Renderer, Tally};
use offseeker_trajectory::{Body, Pair, Sample, WeightedToken};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::TrainError;

/// A sequence of tokens, and how much each counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    /// The tokens.
    pub tokens: Vec<u32>,
    /// How much each counts; nought for what is only read. The first follows nothing and never counts.
    pub weights: Vec<f32>,
}

impl Sequence {
    /// A sequence of tokens with their weights. The first token follows nothing, so that it counts nothing.
    #[must_use]
    pub fn new(tokens: &[WeightedToken]) -> Self {
        let mut sequence = Self {
            tokens: tokens.iter().map(|token| token.id).collect(),
            weights: tokens.iter().map(|token| token.weight).collect(),
        };
        if let Some(first) = sequence.weights.first_mut() {
            *first = 0.0;
        }
        sequence
    }

    /// How many tokens there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a sequence has tokens")]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The weights of the tokens that count, in their order.
    pub fn counted(&self) -> impl Iterator<Item = f32> {
        self.weights.iter().copied().filter(|weight| *weight != 0.0)
    }

    fn check(&self) -> Result<(), String> {
        if self.tokens.is_empty() || self.tokens.len() != self.weights.len() {
            return Err(format!("{} tokens with {} weights", self.tokens.len(), self.weights.len()));
        }
        if let Some(at) = self.weights.iter().position(|weight| !weight.is_finite()) {
            return Err(format!("token {at} has the weight {}; it is a finite number", self.weights[at]));
        }
        if self.weights[0] != 0.0 {
            return Err("the first token has a weight; it follows nothing that it could be predicted from".to_owned());
        }
        if self.counted().next().is_none() {
            return Err("no token has a weight, so that nothing can be learnt".to_owned());
        }
        Ok(())
    }

    fn hash(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&(self.tokens.len() as u64).to_le_bytes());
        hasher.update(bytemuck::cast_slice(&self.tokens));
        hasher.update(bytemuck::cast_slice(&self.weights));
    }
}

/// A batch of sequences, and the weights of their chosen tokens in the order of the batch.
///
/// # Errors
///
/// When a sequence cannot be part of a batch.
pub(crate) fn batch<'a>(sequences: impl IntoIterator<Item = &'a Sequence>) -> Result<(Batch, Vec<f32>), TrainError> {
    let (mut batch, mut weights) = (Batch::new(), Vec::new());
    for sequence in sequences {
        let chosen: Vec<bool> = sequence.weights.iter().map(|weight| *weight != 0.0).collect();
        batch.push(&sequence.tokens, &chosen)?;
        weights.extend(sequence.counted());
    }
    Ok((batch, weights))
}

/// How a file of training data is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// How long a sequence may be, and what becomes of a longer one.
    pub cutoff: Option<Cutoff>,
    /// The most bytes that a row may have.
    pub longest_row: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self { cutoff: None, longest_row: 8 << 20 }
    }
}

/// What is learnt from by fine-tuning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sequences {
    all: Vec<Sequence>,
    tally: Tally,
}

impl Sequences {
    /// Sequences that are there already.
    ///
    /// # Errors
    ///
    /// When there is none, or one that nothing can be learnt from; the error has its number.
    pub fn new(all: Vec<Sequence>) -> Result<Self, TrainError> {
        let place = Path::new("sequences");
        for (row, sequence) in (1..).zip(&all) {
            sequence.check().map_err(|what| TrainError::Row { file: place.to_owned(), row, what })?;
        }
        refuse_nothing(place, all.len())?;
        let tally = counted(all.iter());
        Ok(Self { all, tally })
    }

    /// Renders samples. `place` is where they come from, for errors.
    ///
    /// # Errors
    ///
    /// When one cannot be rendered exactly, or nothing is left; the error has the number of the row.
    pub fn of_samples<'a>(
        samples: impl IntoIterator<Item = &'a Sample>,
        renderer: &Renderer,
        reading: &Reading,
        place: &Path,
    ) -> Result<Self, TrainError> {
        let mut sequences = Self::default();
        for (row, sample) in (1..).zip(samples) {
            sequences.take(sample, renderer, reading, (place, row))?;
        }
        refuse_nothing(place, sequences.all.len())?;
        Ok(sequences)
    }

    /// Reads and renders a file with a sample a line.
    ///
    /// # Errors
    ///
    /// When a row is no sample, is too long, or cannot be rendered exactly; the error names the file and the row.
    pub fn read(file: &Path, renderer: &Renderer, reading: &Reading) -> Result<Self, TrainError> {
        let mut sequences = Self::default();
        each_row(file, reading, |row, sample: Sample| sequences.take(&sample, renderer, reading, (file, row)))?;
        refuse_nothing(file, sequences.all.len())?;
        Ok(sequences)
    }

    fn take(&mut self, sample: &Sample, with: &Renderer, how: &Reading, at: (&Path, usize)) -> Result<(), TrainError> {
        check_calls(sample).map_err(|what| wrong(at, &what))?;
        let rendered = with.sequences(sample, how.cutoff, &mut self.tally).map_err(|error| wrong(at, &error))?;
        for tokens in rendered {
            let sequence = Sequence::new(&tokens);
            sequence.check().map_err(|what| wrong(at, &what))?;
            self.all.push(sequence);
        }
        Ok(())
    }

    /// All sequences.
    #[must_use]
    pub fn all(&self) -> &[Sequence] {
        &self.all
    }

    /// What became of the samples.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The hash of all tokens and weights.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        self.all.iter().for_each(|sequence| sequence.hash(&mut hasher));
        hasher.finalize().to_hex().to_string()
    }
}

/// Two sides of which the first is to become likelier. A side is a sequence, or more where the renderer makes one of each
/// round of a dialogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SequencePair {
    /// The better side.
    pub chosen: Vec<Sequence>,
    /// The worse one.
    pub rejected: Vec<Sequence>,
}

impl SequencePair {
    /// How many tokens both sides have.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.chosen.iter().chain(&self.rejected).map(Sequence::len).sum()
    }

    /// The hash of its tokens and weights.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for side in [&self.chosen, &self.rejected] {
            hasher.update(&(side.len() as u64).to_le_bytes());
            side.iter().for_each(|sequence| sequence.hash(&mut hasher));
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Lets nothing count that both sides begin with: it is as likely on both.
    fn part(&mut self) {
        for (chosen, rejected) in self.chosen.iter_mut().zip(&mut self.rejected) {
            let pairs = chosen.tokens.iter().zip(&rejected.tokens);
            let shared = pairs.take_while(|(chosen, rejected)| chosen == rejected).count();
            chosen.weights[..shared].fill(0.0);
            rejected.weights[..shared].fill(0.0);
            if shared < chosen.len().max(rejected.len()) {
                break;
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        for (name, side) in [("chosen", &self.chosen), ("rejected", &self.rejected)] {
            if !side.iter().any(|sequence| sequence.counted().next().is_some()) {
                return Err(format!("the {name} side has no token of its own that counts"));
            }
        }
        Ok(())
    }
}

/// Which tokens of a pair count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// What the model wrote after the two parted. What tools answered and users said counts on neither side.
    #[default]
    Written,
    /// Everything after the two parted, observations too, each token the same: as TRL does.
    Everything,
}

/// What is learnt from by preference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SequencePairs {
    all: Vec<SequencePair>,
    tally: PairTally,
}

/// What became of pairs on their way to tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairTally {
    /// Pairs that were read.
    pub read: usize,
    /// Pairs that are learnt from.
    pub pairs: usize,
    /// Pairs that were left out because a side was too long, or was left with nothing that counts.
    pub left_out: usize,
    /// What became of their sides.
    pub sides: Tally,
}

impl SequencePairs {
    /// Pairs that are there already, with the weights that they have.
    ///
    /// # Errors
    ///
    /// When there is none, or one of which a side has nothing that counts; the error has its number.
    pub fn new(all: Vec<SequencePair>) -> Result<Self, TrainError> {
        let place = Path::new("pairs");
        for (row, pair) in (1..).zip(&all) {
            let mut sides = pair.chosen.iter().chain(&pair.rejected);
            let checked = sides.try_for_each(Sequence::check).and_then(|()| pair.check());
            checked.map_err(|what| wrong((place, row), &what))?;
        }
        refuse_nothing(place, all.len())?;
        let sides = counted(all.iter().flat_map(|pair| pair.chosen.iter().chain(&pair.rejected)));
        let tally = PairTally { read: all.len(), pairs: all.len(), left_out: 0, sides };
        Ok(Self { all, tally })
    }

    /// Renders pairs. `place` is where they come from, for errors.
    ///
    /// # Errors
    ///
    /// When one cannot be rendered exactly, or nothing is left; the error has the number of the row.
    pub fn of_pairs<'a>(
        pairs: impl IntoIterator<Item = &'a Pair>,
        renderer: &Renderer,
        reading: &Reading,
        which: Counted,
        place: &Path,
    ) -> Result<Self, TrainError> {
        let mut all = Self::default();
        for (row, pair) in (1..).zip(pairs) {
            all.take(pair, renderer, reading, which, (place, row))?;
        }
        refuse_nothing(place, all.all.len())?;
        Ok(all)
    }

    /// Reads and renders a file with a pair a line.
    ///
    /// # Errors
    ///
    /// When a row is no pair, is too long, or cannot be rendered exactly; the error names the file and the row.
    pub fn read(file: &Path, renderer: &Renderer, reading: &Reading, which: Counted) -> Result<Self, TrainError> {
        let mut all = Self::default();
        each_row(file, reading, |row, pair: Pair| all.take(&pair, renderer, reading, which, (file, row)))?;
        refuse_nothing(file, all.all.len())?;
        Ok(all)
    }

    fn take(
        &mut self,
        pair: &Pair,
        renderer: &Renderer,
        reading: &Reading,
        which: Counted,
        at: (&Path, usize),
    ) -> Result<(), TrainError> {
        self.tally.read += 1;
        let mut sides = [Vec::new(), Vec::new()];
        for (side, sample) in sides.iter_mut().zip([&pair.chosen, &pair.rejected]) {
            check_calls(sample).map_err(|what| wrong(at, &what))?;
            let rendered = renderer.sequences(sample, reading.cutoff, &mut self.tally.sides);
            let rendered = rendered.map_err(|error| wrong(at, &error))?;
            side.extend(rendered.iter().map(|tokens| Sequence::new(tokens)));
        }
        let [chosen, rejected] = sides;
        let mut pair = SequencePair { chosen, rejected };
        if which == Counted::Everything {
            pair.chosen.iter_mut().chain(&mut pair.rejected).for_each(|side| side.weights[1..].fill(1.0));
        }
        pair.part();
        if pair.check().is_err() {
            self.tally.left_out += 1;
            return Ok(());
        }
        self.tally.pairs += 1;
        self.all.push(pair);
        Ok(())
    }

    /// All pairs.
    #[must_use]
    pub fn all(&self) -> &[SequencePair] {
        &self.all
    }

    /// What became of the pairs.
    #[must_use]
    pub fn tally(&self) -> &PairTally {
        &self.tally
    }

    /// The hash of all tokens and weights.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        self.all.iter().for_each(|pair| {
            hasher.update(pair.fingerprint().as_bytes());
        });
        hasher.finalize().to_hex().to_string()
    }
}

/// Refuses to teach calls of tools that there are not. Where no tools are listed, nothing is known of them.
fn check_calls(sample: &Sample) -> Result<(), String> {
    let Body::Messages { messages, tools } = &sample.body else { return Ok(()) };
    let is_unknown = |name: &str| !tools.is_empty() && tools.iter().all(|tool| tool.name != name);
    for (at, entry) in messages.iter().enumerate().filter(|(_, entry)| entry.weight != 0.0) {
        if let Some(call) = entry.message.tool_calls.iter().find(|call| is_unknown(&call.name)) {
            let there_are: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
            return Err(format!(
                "sample {}: message {at} calls `{}`; the tools are: {}. Let it count nothing, or list the tool",
                sample.id,
                call.name,
                there_are.join(", ")
            ));
        }
    }
    Ok(())
}

fn counted<'a>(all: impl Iterator<Item = &'a Sequence>) -> Tally {
    let mut tally = Tally::default();
    for sequence in all {
        tally.samples += 1;
        tally.sequences += 1;
        tally.tokens += sequence.len();
        tally.learnt += sequence.counted().count();
    }
    tally
}

fn wrong((file, row): (&Path, usize), what: &dyn std::fmt::Display) -> TrainError {
    TrainError::Row { file: file.to_owned(), row, what: what.to_string() }
}

fn refuse_nothing(place: &Path, count: usize) -> Result<(), TrainError> {
    if count > 0 {
        return Ok(());
    }
    let what = "nothing to learn from is left; see how long sequences may be, and what counts".to_owned();
    Err(TrainError::Damaged { file: place.to_owned(), what })
}

/// Reads a file row by row.
fn each_row<T: DeserializeOwned>(
    file: &Path,
    reading: &Reading,
    mut each: impl FnMut(usize, T) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    let opened = File::open(file).map_err(TrainError::io(file))?;
    let mut lines = Lines::new(BufReader::with_capacity(1 << 18, opened), reading.longest_row);
    loop {
        let line = match lines.text() {
            Ok(None) => return Ok(()),
            Ok(Some(line)) => serde_json::from_slice(line).map_err(|error| error.to_string()),
            Err(LineError::TooLong) => Err(format!("it is longer than {} bytes", reading.longest_row)),
            Err(LineError::Io(source)) => return Err(TrainError::Io { file: PathBuf::from(file), source }),
        };
        let row = usize::try_from(lines.number()).unwrap_or(usize::MAX);
        each(row, line.map_err(|what| wrong((file, row), &what))?)?;
    }
}
