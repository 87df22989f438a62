//! One line that says what was measured, on what, by whom and within which limits.

use std::collections::BTreeMap;

use offseeker_trajectory::{Limit, canonical_json};
use serde::{Deserialize, Serialize};

use super::markdown::{by_k, cell, interval, none, with_interval};
use crate::Control;
use crate::statistics::Figures;

/// One line that says what was measured, on what, by whom and within which limits.
///
/// ```
/// use offseeker_evaluation::ReportLine;
/// use offseeker_evaluation::statistics::{Figures, QuestionOutcomes};
/// use offseeker_trajectory::Outcome::{Correct, Wrong};
///
/// let outcomes = [QuestionOutcomes::new("mill", vec![Correct]), QuestionOutcomes::new("river", vec![Wrong])];
/// let line = ReportLine {
///     contestant: "ours".to_owned(),
///     control: None,
///     tools: vec!["search".to_owned()],
///     dataset: "rivers".to_owned(),
///     subset: "0f".repeat(16),
///     attempts_each: 1,
///     scorer: "offseeker/match@1".to_owned(),
///     judge: None,
///     limits: [].into(),
///     date: "2026-11-22".to_owned(),
///     blocked: 0,
///     figures: Figures::of(&outcomes, &[1]),
/// };
/// assert!(line.markdown_row().starts_with("| ours | run | rivers | `0f0f0f0f` | 2 | 1 | 50.0 % "));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportLine {
    /// Who made the attempts: the name of the run.
    pub contestant: String,
    /// The conditions that they were made under, where they are a control and no run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// The tools that they could call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// The benchmark: `gaia`.
    pub dataset: String,
    /// The [hash](crate::Benchmark::hash) of the list of questions.
    pub subset: String,
    /// Attempts at each question.
    pub attempts_each: usize,
    /// The grader and its version: `gaia/quasi-exact@1`.
    pub scorer: String,
    /// Who judged, where somebody did: a model, or the prompts that it was asked with and their hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// The limits that attempts had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<Limit, u64>,
    /// The day on which it was measured: `2026-11-22`.
    pub date: String,
    /// Calls that a guard forbade, because they would have given answers away.
    #[serde(default)]
    pub blocked: u64,
    /// What was measured.
    pub figures: Figures,
}

impl ReportLine {
    /// The line as canonical JSON: the same figures give the same bytes.
    #[must_use]
    pub fn json(&self) -> String {
        canonical_json(self).expect("a report is made of texts and numbers, with names of its own")
    }

    /// The head of a table of such rows.
    #[must_use]
    pub fn markdown_head() -> String {
        let columns = [
            "contestant",
            "control",
            "dataset",
            "subset",
            "questions",
            "attempts",
            "mean (95 %)",
            "Wilson",
            "of scored",
            "unscored",
            "pass@k",
            "pass^k",
            "scorer",
            "judge",
            "tools",
            "limits",
            "blocked",
            "date",
        ];
        format!("| {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len()))
    }

    /// The line as a row of a table in Markdown.
    #[must_use]
    pub fn markdown_row(&self) -> String {
        let figures = &self.figures;
        let wilson = figures.all.mean.map_or_else(none, |mean| interval(mean.wilson));
        let limits: Vec<String> = self.limits.iter().map(|(limit, most)| format!("{} {most}", name(*limit))).collect();
        let cells = [
            cell(&self.contestant),
            self.control.map_or_else(|| "run".to_owned(), |control| control.to_string()),
            cell(&self.dataset),
            format!("`{}`", cell(self.subset.get(..8).unwrap_or(&self.subset))),
            figures.all.questions.to_string(),
            self.attempts_each.to_string(),
            figures.all.mean.map_or_else(none, with_interval),
            wilson,
            figures.scored.mean.map_or_else(none, with_interval),
            figures.counts.unscored.to_string(),
            by_k(&figures.all.pass_at),
            by_k(&figures.all.pass_all),
            cell(&self.scorer),
            self.judge.as_deref().map_or_else(none, cell),
            if self.tools.is_empty() { none() } else { cell(&self.tools.join(", ")) },
            if limits.is_empty() { none() } else { limits.join(", ") },
            self.blocked.to_string(),
            cell(&self.date),
        ];
        format!("| {} |", cells.join(" | "))
    }
}

/// The name of a limit as it is written in JSON.
fn name(limit: Limit) -> String {
    let written = serde_json::to_value(limit).ok();
    written.as_ref().and_then(|name| name.as_str()).unwrap_or("other").to_owned()
}
