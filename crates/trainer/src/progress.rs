//! A line that says how far a run is.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::metrics::Metrics;

/// How wide the bar is.
const WIDTH: u64 = 24;

/// A line on the standard error that says how far a run is, how fast, and how long it will take. Where that is no terminal,
/// it says so now and then, a line each.
///
/// ```no_run
/// # use offseeker_trainer::{Policy, Run, Sequences, Sft, TrainError};
/// # fn train(policy: &mut dyn Policy, data: &Sequences) -> Result<(), TrainError> {
/// use offseeker_trainer::{Progress, sft};
///
/// let mut progress = Progress::new(300);
/// let run = Run::new("target/run").watched_by(|metrics| progress.show(metrics));
/// sft(policy, data, &Sft::default(), run)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Progress {
    steps: u64,
    begun: Option<(Instant, u64)>,
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    /// That of a run of so many steps.
    #[must_use]
    pub fn new(steps: u64) -> Self {
        Self { steps, begun: None, shown: None, is_terminal: std::io::stderr().is_terminal() }
    }

    /// Shows where the run is.
    pub fn show(&mut self, metrics: &Metrics) {
        let now = Instant::now();
        // What the first step took cannot be known; it is not counted.
        let (begun, first) = *self.begun.get_or_insert((now, metrics.step));
        let pause = Duration::from_secs(if self.is_terminal { 0 } else { 10 });
        let is_last = metrics.step >= self.steps;
        if self.shown.is_some_and(|shown| now - shown < pause) && !is_last {
            return;
        }
        self.shown = Some(now);
        let line = line(metrics, self.steps, now - begun, metrics.step - first);
        let mut out = std::io::stderr().lock();
        // Who cannot be told does not stop the run.
        let _ = match (self.is_terminal, is_last) {
            (true, false) => write!(out, "\r{line}\x1b[K"),
            (true, true) => writeln!(out, "\r{line}\x1b[K"),
            (false, _) => writeln!(out, "{line}"),
        };
        let _ = out.flush();
    }
}

/// What is said of a run that went so many steps in some time.
fn line(metrics: &Metrics, steps: u64, elapsed: Duration, gone: u64) -> String {
    let filled = (WIDTH * metrics.step / steps.max(1)).min(WIDTH);
    let bar: String = (0..WIDTH).map(|at| if at < filled { '█' } else { '░' }).collect();
    let rest = match gone {
        0 => "?".to_owned(),
        gone => {
            let left = elapsed.as_secs_f64() / gone as f64 * steps.saturating_sub(metrics.step) as f64;
            format!("{}:{:02}", left as u64 / 60, left as u64 % 60)
        }
    };
    let accuracy =
        metrics.preference.map(|pairs| format!("  right {:3.0} %", 100.0 * pairs.accuracy)).unwrap_or_default();
    let evaluation: String = metrics.evaluation.iter().map(|(name, value)| format!("  {name} {value:.3}")).collect();
    format!(
        "{bar} {:>4}/{steps}  loss {:.4}{accuracy}{evaluation}  {:.0} tokens/s  {rest} left",
        metrics.step, metrics.loss, metrics.tokens_per_second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let metrics = Metrics { step: 30, loss: 1.25, tokens_per_second: 900.4, ..Metrics::default() };
        let said = line(&metrics, 120, Duration::from_secs(20), 20);
        assert_eq!(said, "██████░░░░░░░░░░░░░░░░░░   30/120  loss 1.2500  900 tokens/s  1:30 left");
        assert!(line(&metrics, 120, Duration::ZERO, 0).ends_with("? left"));
    }
}
