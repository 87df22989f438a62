//! What the checks of a question found.

use serde::{Deserialize, Serialize};

/// What the checks of a question found; what is not there was not checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checks {
    /// That its clues have exactly one answer in the graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique: Option<Unique>,
    /// That a solver found nothing else that fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_by_model: Option<Candidates>,
    /// Which clues are needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ablation: Option<Ablation>,
    /// That its words give nothing away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leak: Option<NoLeak>,
    /// How often a model knew the answer without looking anything up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_book: Option<Tally>,
    /// How often a model found the answer with the evidence before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oracle: Option<Tally>,
    /// How near it comes to the texts that it must not be like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decontamination: Option<Nearness>,
}

/// That the clues of a question have exactly one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    /// How many entities were looked at to find that out.
    pub looked_at: u64,
}

/// Which clues of a question are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ablation {
    /// The places of the clues without which the answer would not be the only one.
    pub necessary: Vec<usize>,
    /// The places of the others.
    pub spare: Vec<usize>,
}

/// That the words of a question give nothing away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoLeak {
    /// How many searches did not show the answer; none where nothing was searched.
    pub probes: u32,
}

/// How many of several replies were right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many were right.
    pub right: u32,
    /// How many there were.
    pub of: u32,
}

/// Other things that a solver held for answers, none of which was one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// Their names.
    pub refuted: Vec<String>,
}

/// How near a text comes to others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Nearness {
    /// How many texts it was compared with.
    pub texts: u64,
    /// The largest share of runs of words that it has in common with one of them.
    pub largest: f64,
}
