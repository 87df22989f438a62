//! The formats of samples and pairs.

use offseeker_trajectory::{Pair, Sample};
use serde_json::{Map, Value};

use super::conversation::Conversation;
use super::error::{check_pair, check_sample};
use super::fields::Fields;
use super::format::own;
use super::{RowError, openai, share_gpt, trl};

/// A format of samples, one a line. All but our own lose the weights, and have no room for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SampleFormat {
    /// Our own, which keeps everything.
    Offseeker,
    /// OpenAI's messages: `{messages, tools}`.
    OpenAi,
    /// `ShareGPT` as LLaMA-Factory reads it: `{conversations, system, tools}`.
    ShareGpt,
    /// TRL's conversations: `{messages, tools}`.
    Trl,
}

impl SampleFormat {
    /// The line of a sample.
    ///
    /// # Errors
    ///
    /// When the format has no place for what the sample holds, or it is of a [sealed](RowError::Sealed) benchmark.
    pub fn write(self, sample: &Sample) -> Result<String, RowError> {
        check_sample(sample)?;
        self.write_exposed(sample)
    }

    /// The same, though the sample may be of a sealed benchmark: for who keeps the file as the benchmark is kept.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), but for that.
    pub fn write_exposed(self, sample: &Sample) -> Result<String, RowError> {
        match self {
            Self::Offseeker => serde_json::to_string(sample).map_err(RowError::unwritable),
            Self::OpenAi => openai::fields(&Conversation::of_sample(sample)?).map(line),
            Self::ShareGpt => share_gpt::fields(&Conversation::of_sample(sample)?).map(line),
            Self::Trl => trl::fields(&Conversation::of_sample(sample)?).map(line),
        }
    }

    /// The sample that a line holds; but in our own format every message of the model counts, and no other does.
    ///
    /// # Errors
    ///
    /// When the line is no row of the format, by its field.
    pub fn read(self, line: &str) -> Result<Sample, RowError> {
        if self == Self::Offseeker {
            return own(line);
        }
        let mut row = Fields::parse(line)?;
        let Conversation { messages, tools } = match self {
            Self::ShareGpt => share_gpt::conversation(&mut row)?,
            _ => openai::conversation(&mut row)?,
        };
        let mut sample = trl::sample(&Conversation { messages: Vec::new(), tools }, messages)?;
        sample.metadata = row.rest();
        Ok(sample)
    }
}

/// A format of pairs, one a line. All but our own lose the weights, and have no room for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PairFormat {
    /// Our own, which keeps everything.
    Offseeker,
    /// TRL's preferences: `{prompt, chosen, rejected, tools}`.
    Trl,
    /// `ShareGPT` as LLaMA-Factory reads it, with one reply a side: `{conversations, chosen, rejected, system, tools}`.
    ShareGpt,
}

impl PairFormat {
    /// The line of a pair.
    ///
    /// # Errors
    ///
    /// When the format has no place for what the pair holds, its attempts do not begin with `fork` equal messages, or it
    /// is of a [sealed](RowError::Sealed) benchmark.
    pub fn write(self, pair: &Pair) -> Result<String, RowError> {
        check_pair(pair)?;
        self.write_exposed(pair)
    }

    /// The same, though the pair may be of a sealed benchmark: for who keeps the file as the benchmark is kept.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), but for that.
    pub fn write_exposed(self, pair: &Pair) -> Result<String, RowError> {
        match self {
            Self::Offseeker => serde_json::to_string(pair).map_err(RowError::unwritable),
            Self::Trl => trl::pair_fields(pair).map(line),
            Self::ShareGpt => share_gpt::pair_fields(pair).map(line),
        }
    }

    /// The pair that a line holds; but in our own format every message of the model after the prompt counts.
    ///
    /// # Errors
    ///
    /// When the line is no row of the format, by its field.
    pub fn read(self, line: &str) -> Result<Pair, RowError> {
        let (prompt, chosen, rejected) = match self {
            Self::Offseeker => return own(line),
            Self::Trl => trl::read_sides(&mut Fields::parse(line)?)?,
            Self::ShareGpt => share_gpt::read_pair(&mut Fields::parse(line)?)?,
        };
        trl::pair(&prompt, chosen, rejected)
    }
}

fn line(row: Map<String, Value>) -> String {
    Value::Object(row).to_string()
}
