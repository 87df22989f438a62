//! A report as Markdown, and the cells of its tables.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write};

use super::{Comparison, Report, ReportLine, Standing};
use crate::Part;
use crate::statistics::{Estimate, Figures, Interval, Paired};

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { dataset, subset, questions, attempts_each, date, .. } = self;
        writeln!(f, "# {}: {questions} questions, {attempts_each} attempts each, {}\n", cell(dataset), cell(date))?;
        writeln!(f, "Questions `{}`. The first interval is at 95 % over questions.\n", cell(subset))?;
        self.write_policy(f)?;
        writeln!(f, "{}", ReportLine::markdown_head())?;
        for line in self.standings.iter().flat_map(|standing| &standing.lines) {
            writeln!(f, "{}", line.markdown_row())?;
        }
        self.write_means(f)?;
        self.write_reduced(f)?;
        self.write_comparisons(f)?;
        self.write_calibration(f)?;
        self.standings.iter().try_for_each(|standing| write_parts(f, standing))
    }
}

impl Report {
    fn write_policy(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let policy = &self.policy;
        let most = percent(policy.most_lost);
        writeln!(
            f,
            "Attempts that failed through no fault of their own, or could not be graded, were made anew {} times; up to \
             {most} % may be lost. What is lost is unscored and stays in the denominator.\n",
            policy.retries
        )?;
        for standing in self.standings.iter().filter(|standing| standing.lost.are_too_many) {
            let (name, share) = (cell(standing.contestant()), percent(standing.lost.share));
            writeln!(f, "**The figures of {name} do not stand: {share} % of its attempts were lost.**\n")?;
        }
        Ok(())
    }

    fn write_means(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let head = [
            "contestant",
            "turns",
            "requests",
            "calls",
            "tokens read",
            "tokens written",
            "dollars",
            "failed",
            "ungraded",
        ];
        write_head(f, "What an attempt took", &head)?;
        for standing in &self.standings {
            let (means, lost) = (&standing.means, &standing.lost);
            let mut cells = vec![cell(standing.contestant())];
            let counts = [means.turns, means.requests, means.calls, means.prompt_tokens, means.completion_tokens];
            cells.extend(counts.map(|mean| format!("{mean:.1}")));
            cells.extend([format!("{:.4}", means.dollars), lost.failed.to_string(), lost.ungraded.to_string()]);
            write_row(f, &cells)?;
        }
        Ok(())
    }

    fn write_reduced(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let reduced = || self.standings.iter().filter_map(|standing| Some((standing, standing.reduced.as_ref()?)));
        if reduced().next().is_none() {
            return Ok(());
        }
        let majority = format!("majority, by {}", cell(&self.same_answers));
        write_head(f, "Of several attempts one", &["contestant", "mean", "best of all", &majority])?;
        for (standing, reduced) in reduced() {
            let mean = standing.line().map_or_else(none, |line| mean(&line.figures));
            let cells =
                [cell(standing.contestant()), mean, self::mean(&reduced.best_of), self::mean(&reduced.majority)];
            write_row(f, &cells)?;
        }
        Ok(())
    }

    fn write_comparisons(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.comparisons.is_empty() {
            return Ok(());
        }
        let head = ["second", "first", "difference", "better", "worse", "p", "questions", "of scored"];
        write_head(f, "Second less first, question by question", &head)?;
        for Comparison { first, second, all, scored } in &self.comparisons {
            let of = |fact: fn(&Paired) -> String| all.as_ref().map_or_else(none, fact);
            let cells = [
                cell(second),
                cell(first),
                of(difference),
                of(|paired| paired.second_better.to_string()),
                of(|paired| paired.first_better.to_string()),
                of(|paired| format!("{:.4}", paired.p)),
                of(|paired| paired.questions.to_string()),
                scored.as_ref().map_or_else(none, difference),
            ];
            write_row(f, &cells)?;
        }
        Ok(())
    }

    fn write_calibration(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let stated = || self.standings.iter().filter_map(|standing| Some((standing, standing.calibration?)));
        if stated().next().is_none() {
            return Ok(());
        }
        let head = ["contestant", "answers", "stated", "else", "Brier", "expected error", "RMS error"];
        write_head(f, "Confidence", &head)?;
        for (standing, figures) in stated() {
            let cells = [
                cell(standing.contestant()),
                figures.answers.to_string(),
                figures.stated.to_string(),
                format!("{} %", percent(figures.assumed)),
                format!("{:.3}", figures.brier),
                format!("{:.3}", figures.expected_error),
                format!("{:.3}", figures.rms_error),
            ];
            write_row(f, &cells)?;
        }
        Ok(())
    }
}

fn write_parts(f: &mut Formatter<'_>, standing: &Standing) -> fmt::Result {
    for (key, parts) in &standing.parts {
        let title = format!("{} by {}", cell(standing.contestant()), cell(key));
        let head = ["value", "attempts", "questions", "mean (95 %)", "unscored", "turns", "calls", "tokens written"];
        write_head(f, &title, &head)?;
        for Part { value, figures, means } in parts {
            let cells = [
                value.as_deref().map_or_else(none, cell),
                figures.counts.attempts.to_string(),
                figures.all.questions.to_string(),
                mean(figures),
                figures.counts.unscored.to_string(),
                format!("{:.1}", means.turns),
                format!("{:.1}", means.calls),
                format!("{:.1}", means.completion_tokens),
            ];
            write_row(f, &cells)?;
        }
    }
    Ok(())
}

fn write_head(f: &mut Formatter<'_>, title: &str, columns: &[&str]) -> fmt::Result {
    writeln!(f, "\n## {title}\n\n| {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len()))
}

fn write_row(f: &mut Formatter<'_>, cells: &[String]) -> fmt::Result {
    writeln!(f, "| {} |", cells.join(" | "))
}

fn mean(figures: &Figures) -> String {
    figures.all.mean.map_or_else(none, with_interval)
}

fn difference(paired: &Paired) -> String {
    let mut said = format!("{:+.1}", paired.difference * 100.0);
    if let Some(within) = paired.interval {
        write!(said, " ({})", interval(within)).expect("text takes everything");
    }
    said
}

pub(super) fn none() -> String {
    "-".to_owned()
}

/// A text without what would end its cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

pub(super) fn interval(interval: Interval) -> String {
    format!("{} to {}", percent(interval.low), percent(interval.high))
}

pub(super) fn with_interval(estimate: Estimate) -> String {
    let mut said = format!("{} %", percent(estimate.value));
    if let Some(clustered) = estimate.clustered {
        write!(said, " ({})", interval(clustered)).expect("text takes everything");
    }
    said
}

pub(super) fn by_k(chances: &BTreeMap<usize, f64>) -> String {
    let chances: Vec<String> = chances.iter().map(|(k, chance)| format!("{k}: {}", percent(*chance))).collect();
    if chances.is_empty() { none() } else { chances.join(", ") }
}
