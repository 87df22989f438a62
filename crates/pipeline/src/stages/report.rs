//! What came of a run is written down.

use offseeker_trainer::metrics::{Metrics, read_metrics};
use offseeker_trajectory::{canonical_json, content_id};

use crate::folder::read_json;
use crate::results::{Passed, Report, Results, TrainingEnd};
use crate::{Config, PipelineError, RunFolder, Stage};

/// How many steps the means at the ends of a training are over.
const STEPS: usize = 50;

/// Puts together what the stages of a run wrote down, and writes it as canonical JSON: without a clock, so that the same
/// configuration gives the same bytes.
///
/// # Errors
///
/// When something is missing or damaged, or the system refuses.
pub fn report(config: &Config, folder: &RunFolder) -> Result<Report, PipelineError> {
    let mut funnel = Vec::new();
    for stage in Stage::ALL {
        let record = folder.record(stage)?.filter(|record| record.is_finished && stage != Stage::Report);
        funnel.extend(record.map(|record| Passed { stage, flow: record.flow }));
    }
    let mut training = std::collections::BTreeMap::new();
    for name in ["sft", "dpo"] {
        let metrics = folder.training(name).join("metrics.jsonl");
        if metrics.exists() {
            training.insert(name.to_owned(), end_of(&read_metrics(&metrics)?));
        }
    }
    let results: Option<Results> = read_json(&folder.results())?;
    let report = Report {
        name: config.name.clone(),
        config: content_id(config)?,
        funnel,
        training,
        results: results.unwrap_or_default(),
    };
    let mut text = canonical_json(&report)?;
    text.push('\n');
    offseeker_durable::write(&folder.report(), text.as_bytes()).map_err(PipelineError::io(&folder.report()))?;
    Ok(report)
}

fn end_of(rows: &[Metrics]) -> TrainingEnd {
    let last = &rows[rows.len().saturating_sub(STEPS)..];
    let first = &rows[..rows.len().min(STEPS)];
    let mean = |rows: &[Metrics], value: &dyn Fn(&Metrics) -> f64| {
        rows.iter().map(value).sum::<f64>() / rows.len().max(1) as f64
    };
    let prefers = last.iter().any(|row| row.preference.is_some());
    let of_pairs = |value: fn(&offseeker_trainer::metrics::PreferenceMetrics) -> f64| {
        prefers.then(|| mean(last, &|row| row.preference.as_ref().map_or(0.0, value)))
    };
    TrainingEnd {
        steps: rows.last().map_or(0, |row| row.step),
        tokens: rows.last().map_or(0, |row| row.tokens),
        first_loss: mean(first, &|row| row.loss),
        last_loss: mean(last, &|row| row.loss),
        margin: of_pairs(|pairs| pairs.margin),
        accuracy: of_pairs(|pairs| pairs.accuracy),
    }
}
