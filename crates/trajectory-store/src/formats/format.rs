//! The formats of attempts.

use offseeker_trajectory::Trajectory;
use serde_json::Value;

use super::error::check_question;
use super::fields::Fields;
use super::{
    Branches, RowError, offseeker_result, offseeker_run, open_researcher, open_seeker, openai, share_gpt, tongyi, trl,
    web_dancer,
};

/// A format of attempts, one a line. What each keeps and loses is told in [the docs of the module](super).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Our own, which keeps everything.
    Offseeker,
    /// OpenAI's messages.
    OpenAi,
    /// `ShareGPT` as LLaMA-Factory reads it.
    ShareGpt,
    /// TRL's conversations.
    Trl,
    /// The results of OffSeeker's evaluation.
    OffseekerResult,
    /// OffSeeker's runs.
    OffseekerRun,
    /// Tongyi's rollouts.
    Tongyi,
    /// OpenSeeker's results.
    OpenSeeker,
    /// OpenResearcher's shards.
    OpenResearcher,
    /// `WebDancer`'s samples.
    WebDancer,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 10] = [
        Self::Offseeker,
        Self::OpenAi,
        Self::ShareGpt,
        Self::Trl,
        Self::OffseekerResult,
        Self::OffseekerRun,
        Self::Tongyi,
        Self::OpenSeeker,
        Self::OpenResearcher,
        Self::WebDancer,
    ];

    /// Its name: under it an attempt keeps what a row says beyond our words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Offseeker => "offseeker",
            Self::OpenAi => openai::NAME,
            Self::ShareGpt => share_gpt::NAME,
            Self::Trl => trl::NAME,
            Self::OffseekerResult => offseeker_result::NAME,
            Self::OffseekerRun => offseeker_run::NAME,
            Self::Tongyi => tongyi::NAME,
            Self::OpenSeeker => open_seeker::NAME,
            Self::OpenResearcher => open_researcher::NAME,
            Self::WebDancer => web_dancer::NAME,
        }
    }

    /// The format with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The lines of an attempt: one for each of the branches, or one for all where the format has room for them.
    ///
    /// # Errors
    ///
    /// When the format has no place for what the attempt holds, or its question is of a [sealed](RowError::Sealed)
    /// benchmark. Nothing is left out that is not told of in [the docs of the module](super).
    pub fn write(self, trajectory: &Trajectory, branches: Branches) -> Result<Vec<String>, RowError> {
        check_question(&trajectory.question)?;
        self.write_exposed(trajectory, branches)
    }

    /// The same, though the question may be of a sealed benchmark: for who keeps the file as the benchmark is kept.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), but for that.
    pub fn write_exposed(self, trajectory: &Trajectory, branches: Branches) -> Result<Vec<String>, RowError> {
        let rows = match self {
            Self::Offseeker => return Ok(vec![serde_json::to_string(trajectory).map_err(RowError::unwritable)?]),
            Self::OpenAi => openai::write(trajectory, branches),
            Self::ShareGpt => share_gpt::write(trajectory, branches),
            Self::Trl => trl::write(trajectory, branches),
            Self::OffseekerResult => offseeker_result::write(trajectory, branches),
            Self::OffseekerRun => offseeker_run::write(trajectory, branches),
            Self::Tongyi => tongyi::write(trajectory, branches),
            Self::OpenSeeker => open_seeker::write(trajectory, branches),
            Self::OpenResearcher => open_researcher::write(trajectory, branches),
            Self::WebDancer => web_dancer::write(trajectory, branches),
        }?;
        Ok(rows.iter().map(Value::to_string).collect())
    }

    /// The attempt that a line tells of.
    ///
    /// # Errors
    ///
    /// When the line is no row of the format, by its field.
    pub fn read(self, line: &str) -> Result<Trajectory, RowError> {
        if self == Self::Offseeker {
            return own(line);
        }
        let row = Fields::parse(line)?;
        match self {
            Self::Offseeker => own(line),
            Self::OpenAi => openai::read(row),
            Self::ShareGpt => share_gpt::read(row),
            Self::Trl => trl::read(row),
            Self::OffseekerResult => offseeker_result::read(row),
            Self::OffseekerRun => offseeker_run::read(row),
            Self::Tongyi => tongyi::read(row),
            Self::OpenSeeker => open_seeker::read(row),
            Self::OpenResearcher => open_researcher::read(row),
            Self::WebDancer => web_dancer::read(row),
        }
    }
}

/// Reads a thing of our own from a line.
pub(super) fn own<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, RowError> {
    serde_json::from_str(line).map_err(|error| RowError::NotAnObject { reason: error.to_string() })
}
