//! What came of a selection, in numbers.

mod compare;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::difficulty::{Band, Bands, difficulty};
use crate::select::in_order;
use crate::stage::{Reason, Stage, Verdict};
use crate::{Digest, Histogram, Recipe, Selection};

pub use compare::{Change, Comparison};

/// What came of a selection, in numbers. The same digests and the same recipe give the same report, byte for byte.
///
/// Its [`Display`](std::fmt::Display) is a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The id of the recipe.
    pub recipe: String,
    /// What the graders say of all attempts.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Attempts that were there twice; they are counted nowhere else.
    pub twice: u64,
    /// What each stage let through and why it did not let others through, in the order of the recipe.
    pub stages: Vec<Passed>,
    /// How many questions there are of each band, by all attempts.
    pub difficulty: BTreeMap<Band, u64>,
    /// Questions that take so few calls that they are likely too easy.
    pub few_calls: u64,
    /// All attempts.
    pub all: Figures,
    /// Those that passed all stages.
    pub kept: Figures,
    /// What a reader should look at.
    pub signs: Vec<String>,
}

/// What a stage let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passed {
    /// The stage.
    pub stage: Stage,
    /// How many came.
    pub came: u64,
    /// How many passed.
    pub passed: u64,
    /// How many did not, by reason.
    pub dropped: BTreeMap<Reason, u64>,
}

/// Attempts in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// How many there are.
    pub attempts: u64,
    /// How many questions they are at.
    pub questions: u64,
    /// Their calls.
    pub calls: Histogram,
    /// Their turns.
    pub turns: Histogram,
    /// Their tokens.
    pub tokens: Histogram,
    /// How they ended; `none` where they are under way.
    pub ends: BTreeMap<String, u64>,
}

impl Figures {
    fn of<'a>(digests: impl Iterator<Item = &'a Digest> + Clone) -> Self {
        let mut ends = BTreeMap::new();
        for digest in digests.clone() {
            *ends.entry(digest.end.kind.clone().unwrap_or_else(|| "none".to_owned())).or_default() += 1;
        }
        Self {
            attempts: digests.clone().count() as u64,
            questions: digests.clone().map(|digest| &digest.question).collect::<BTreeSet<_>>().len() as u64,
            calls: Histogram::of(digests.clone().map(|digest| u64::from(digest.calls.made))),
            turns: Histogram::of(digests.clone().map(|digest| u64::from(digest.shape.turns))),
            tokens: Histogram::of(digests.map(|digest| digest.shape.tokens)),
            ends,
        }
    }
}

impl Report {
    /// The report on what a recipe selected from some attempts.
    #[must_use]
    pub fn of(digests: &[Digest], recipe: &Recipe, selection: &Selection) -> Self {
        let (all, twice) = in_order(digests);
        let mut verdicts = BTreeMap::new();
        for digest in &all {
            *verdicts.entry(recipe.correctness.verdict(digest)).or_default() += 1;
        }
        let bands = Bands::default();
        let questions = difficulty(digests, &recipe.correctness, &bands);
        let mut by_band = BTreeMap::new();
        for question in &questions {
            *by_band.entry(question.band).or_default() += 1;
        }
        let mut report = Self {
            recipe: recipe.id().unwrap_or_default(),
            verdicts,
            twice: twice.len() as u64,
            stages: passed(all.len() as u64, recipe, selection),
            difficulty: by_band,
            few_calls: questions.iter().filter(|question| question.takes_few_calls).count() as u64,
            all: Figures::of(all.iter().copied()),
            kept: Figures::of(all.iter().copied().filter(|digest| selection.has(&digest.attempt))),
            signs: Vec::new(),
        };
        report.signs = signs(&report, bands.few_calls);
        report
    }
}

fn passed(all: u64, recipe: &Recipe, selection: &Selection) -> Vec<Passed> {
    let mut came = all;
    let one = |stage: &Stage| {
        let mut dropped = BTreeMap::new();
        for attempt in selection.dropped.iter().filter(|dropped| dropped.stage == Some(*stage)) {
            *dropped.entry(attempt.reason).or_default() += 1;
        }
        let passed = came - dropped.values().sum::<u64>();
        Passed { stage: *stage, came: std::mem::replace(&mut came, passed), passed, dropped }
    };
    recipe.stages.iter().map(one).collect()
}

/// What experience says of such numbers.
fn signs(report: &Report, few_calls: f64) -> Vec<String> {
    let mut signs = Vec::new();
    let mut sign = |shows: bool, text: String| signs.extend(shows.then_some(text));
    let mean = report.all.calls.mean;
    let all = report.all.attempts;
    sign(
        all > 0 && mean < few_calls,
        format!(
            "an attempt takes {mean:.1} calls in the mean; with fewer than {few_calls:.0} the questions are likely too easy"
        ),
    );
    let unscored = report.verdicts.get(&Verdict::Unscored).copied().unwrap_or_default();
    sign(
        unscored * 10 > all,
        format!("{unscored} of {all} attempts are unscored; grade them again before pass rates are believed"),
    );
    sign(
        all > 0 && report.kept.attempts == 0,
        "nothing is left; the stage that lets nothing through says why".to_owned(),
    );
    signs
}
