//! What a world is like.

use serde::{Deserialize, Serialize};

use crate::Language;

/// The fewest entities of a world.
pub const LEAST_ENTITIES: u64 = 200;

/// The most entities of a world.
pub const MOST_ENTITIES: u64 = 2_000_000;

/// What a world is like. Two worlds with the same options are the same to the last byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldOptions {
    /// What everything is drawn from.
    pub seed: u64,
    /// How many entities there are. 1,000.
    pub entities: u64,
    /// The language of pages and questions. English.
    pub language: Language,
    /// The share of entities that questions to learn from leave alone. 0.3.
    pub held_out: f64,
    /// The share of entities with a page that names them and says nothing. 0.1.
    pub distractors: f64,
    /// The share of relations that the page at which they begin leaves out; the page at the other end has them. 0.05.
    pub missing_links: f64,
    /// The share of entities with a page, from an old almanac, that says something wrong of them. 0.05.
    pub contradictions: f64,
    /// How much a page says.
    pub pages: PageLength,
    /// What addresses begin with. `https://toy.example/`.
    pub base: String,
}

/// How much a page says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PageLength {
    /// A short sentence for each thing that is true: about 20 words.
    #[default]
    Brief,
    /// Prose, with sentences between that say nothing.
    Long,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            entities: 1_000,
            language: Language::English,
            held_out: 0.3,
            distractors: 0.1,
            missing_links: 0.05,
            contradictions: 0.05,
            pages: PageLength::Brief,
            base: "https://toy.example/".to_owned(),
        }
    }
}

impl WorldOptions {
    /// What is wrong with the options, where something is.
    pub(crate) fn fault(&self) -> Option<WorldError> {
        if !(LEAST_ENTITIES..=MOST_ENTITIES).contains(&self.entities) {
            return Some(WorldError::Entities { asked: self.entities });
        }
        let rates = [
            ("held_out", self.held_out),
            ("distractors", self.distractors),
            ("missing_links", self.missing_links),
            ("contradictions", self.contradictions),
        ];
        let (option, rate) = rates.into_iter().find(|(_, rate)| !(0.0..=1.0).contains(rate))?;
        Some(WorldError::Rate { option, rate })
    }
}

/// Why there is no such world, or none of what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// It would be too small or too large.
    #[error("a world has {LEAST_ENTITIES} to {MOST_ENTITIES} entities, not {asked}")]
    Entities {
        /// How many were asked for.
        asked: u64,
    },
    /// A share is none.
    #[error("{option} is {rate}; it is a share, from 0 to 1")]
    Rate {
        /// The option.
        option: &'static str,
        /// What it is.
        rate: f64,
    },
    /// There are not so many different questions.
    #[error(
        "there are only {found} different questions of the category {category} where {asked} are asked for; ask for fewer, or take a larger world"
    )]
    TooFewQuestions {
        /// The category.
        category: &'static str,
        /// How many were asked for.
        asked: usize,
        /// How many were found.
        found: usize,
    },
    /// What was renamed is no longer what it was.
    #[error("it cannot be renamed: {reason}")]
    Renaming {
        /// Why.
        reason: String,
    },
    /// A file could not be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
