//! Metrics as a drawing: the loss, the rewards of both sides, and how often the chosen one is higher.

use std::collections::BTreeSet;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::TrainError;
use crate::metrics::{Metrics, PreferenceMetrics};

/// How wide a drawing is, and how high each of its parts.
const SIZE: (u32, u32) = (900, 320);
/// A line has no more points than there are dots to draw them on.
const MOST_POINTS: usize = 1800;
/// Blue, orange, green, violet: told apart by colour-blind people too.
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(148, 90, 170)];

/// A line over steps.
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

impl Line {
    /// The line of a number where rows have it; none where no row has it.
    fn new(name: &str, rows: &[Metrics], of: impl Fn(&Metrics) -> Option<f64>) -> Option<Self> {
        let point = |row: &Metrics| Some((row.step as f64, of(row).filter(|value| value.is_finite())?));
        let all: Vec<(f64, f64)> = rows.iter().filter_map(point).collect();
        let stride = all.len().div_ceil(MOST_POINTS).max(1);
        let last = all.last().copied()?;
        let mut points: Vec<(f64, f64)> = all.into_iter().step_by(stride).collect();
        if points.last() != Some(&last) {
            points.push(last);
        }
        Some(Self { name: name.to_owned(), points })
    }

    fn of_pairs(name: &str, rows: &[Metrics], of: fn(&PreferenceMetrics) -> f64) -> Option<Self> {
        Self::new(name, rows, |row| row.preference.as_ref().map(of))
    }
}

/// A part of a drawing.
struct Panel {
    title: &'static str,
    /// Where the names of lines hide the least.
    names: SeriesLabelPosition,
    lines: Vec<Line>,
}

/// Draws rows as SVG, and writes the file whole or not at all.
///
/// # Errors
///
/// When there is nothing to draw, or the file cannot be written.
pub fn draw(rows: &[Metrics], file: &Path) -> Result<(), TrainError> {
    offseeker_durable::write(file, svg(rows)?.as_bytes()).map_err(TrainError::io(file))
}

/// Draws rows as SVG: the loss with those of held-out sets, and for pairs their rewards and the accuracy of these.
///
/// ```
/// use offseeker_trainer::metrics::Metrics;
///
/// let rows: Vec<Metrics> = (1..=9).map(|step| Metrics { step, loss: 1.0 / step as f64, ..Metrics::default() }).collect();
/// let drawing = offseeker_trainer::plot::svg(&rows)?;
/// assert!(drawing.starts_with("<svg") && drawing.contains("training"));
/// # Ok::<(), offseeker_trainer::TrainError>(())
/// ```
///
/// # Errors
///
/// When there is nothing to draw.
pub fn svg(rows: &[Metrics]) -> Result<String, TrainError> {
    let panels: Vec<Panel> = panels(rows).into_iter().filter(|panel| !panel.lines.is_empty()).collect();
    if panels.is_empty() {
        return Err(TrainError::Drawing("no row has a number to draw".to_owned()));
    }
    let last = rows.iter().map(|row| row.step).max().unwrap_or(0).max(1);
    let mut text = String::new();
    {
        let height = SIZE.1 * panels.len() as u32;
        let area = SVGBackend::with_string(&mut text, (SIZE.0, height)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        for (panel, area) in panels.iter().zip(area.split_evenly((panels.len(), 1))) {
            draw_panel(panel, &area, last as f64)?;
        }
        area.present().map_err(failed)?;
    }
    Ok(text)
}

fn panels(rows: &[Metrics]) -> [Panel; 3] {
    let mut losses: Vec<Line> = Line::new("training", rows, |row| Some(row.loss)).into_iter().collect();
    losses.extend(evaluated(rows, "loss"));
    losses.truncate(COLOURS.len());
    let rewards = [
        Line::of_pairs("chosen", rows, |of| of.chosen_reward),
        Line::of_pairs("rejected", rows, |of| of.rejected_reward),
        Line::of_pairs("margin", rows, |of| of.margin),
    ];
    let mut accuracy: Vec<Line> = Line::of_pairs("chosen above rejected", rows, |of| of.accuracy).into_iter().collect();
    accuracy.extend(evaluated(rows, "accuracy"));
    accuracy.truncate(COLOURS.len());
    [
        Panel { title: "Loss", names: SeriesLabelPosition::UpperRight, lines: losses },
        Panel {
            title: "Rewards",
            names: SeriesLabelPosition::UpperLeft,
            lines: rewards.into_iter().flatten().collect(),
        },
        Panel { title: "Accuracy", names: SeriesLabelPosition::LowerRight, lines: accuracy },
    ]
}

/// The lines of what held-out sets gave under names that end so.
fn evaluated(rows: &[Metrics], ending: &str) -> Vec<Line> {
    let names: BTreeSet<&String> = rows.iter().flat_map(|row| row.evaluation.keys()).collect();
    let names = names.into_iter().filter(|name| name.ends_with(ending));
    let line = |name: &String| {
        let title = format!("held out: {}", name.trim_start_matches("held_out_"));
        Line::new(&title, rows, |row| row.evaluation.get(name).copied())
    };
    names.filter_map(line).collect()
}

fn draw_panel(panel: &Panel, area: &DrawingArea<SVGBackend<'_>, Shift>, last_step: f64) -> Result<(), TrainError> {
    let (low, high) = range(&panel.lines);
    let mut chart = ChartBuilder::on(area)
        .caption(panel.title, ("sans-serif", 22))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..last_step, low..high)
        .map_err(failed)?;
    let mut mesh = chart.configure_mesh();
    let mesh = mesh.x_desc("step").label_style(("sans-serif", 16)).axis_desc_style(("sans-serif", 16));
    let mesh = mesh.light_line_style(TRANSPARENT).bold_line_style(BLACK.mix(0.12)).x_labels(9).y_labels(7);
    mesh.x_label_formatter(&|step| format!("{step:.0}")).draw().map_err(failed)?;
    for (line, colour) in panel.lines.iter().zip(COLOURS) {
        let series = LineSeries::new(line.points.iter().copied(), colour.stroke_width(2));
        let drawn = chart.draw_series(series).map_err(failed)?;
        drawn.label(&line.name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    let mut labels = chart.configure_series_labels();
    let labels = labels.position(panel.names.clone()).label_font(("sans-serif", 16));
    labels.background_style(WHITE.mix(0.85)).border_style(BLACK.mix(0.2)).draw().map_err(failed)
}

/// From below the lowest to above the highest number.
fn range(lines: &[Line]) -> (f64, f64) {
    let values = || lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let room = ((high - low) * 0.06).max(high.abs().max(low.abs()) * 1e-3).max(1e-9);
    (low - room, high + room)
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> TrainError {
    TrainError::Drawing(error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
