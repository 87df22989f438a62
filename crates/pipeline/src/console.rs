//! Says on the standard error how far a run is.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Event, Flow, Stage, Watcher};

/// How wide the bar is.
const WIDTH: u64 = 20;

/// How often a line is said where the standard error is no terminal.
const PAUSE: Duration = Duration::from_secs(15);

/// Says on the standard error how far a run is: a line a stage, drawn again where it is a terminal.
#[derive(Debug)]
pub struct Console {
    is_terminal: bool,
    at: Mutex<At>,
}

#[derive(Debug, Default)]
struct At {
    /// When the stage was first told to be on its way, and how far it was then.
    begun: Option<(Instant, u64)>,
    shown: Option<Instant>,
}

impl Default for Console {
    fn default() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), at: Mutex::default() }
    }
}

impl Console {
    /// A watcher that draws.
    #[must_use]
    pub fn watcher() -> Watcher {
        let console = Self::default();
        Watcher::new(move |event| console.show(event))
    }

    /// Shows what happens.
    pub fn show(&self, event: &Event) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Kept { stage, flow } => self.line(&format!("{}  as it was", summary(*stage, flow))),
            Event::Begun { stage } => {
                *at = At::default();
                self.draft(&named(*stage));
            }
            Event::Step { stage, done, of, what } => {
                let now = Instant::now();
                let (since, from) = *at.begun.get_or_insert((now, *done));
                let pause = if self.is_terminal { Duration::from_millis(100) } else { PAUSE };
                if at.shown.is_some_and(|shown| now - shown < pause) {
                    return;
                }
                let is_first = at.shown.is_none();
                at.shown = Some(now);
                let line = step(*stage, (*done, *of), what, now - since, done.saturating_sub(from));
                if self.is_terminal {
                    self.draft(&line);
                } else if !is_first {
                    self.line(&line);
                }
            }
            Event::Finished { stage, flow, seconds } => {
                self.line(&format!("{}  {}", summary(*stage, flow), time(*seconds)));
            }
        }
    }

    /// A line that the next one is drawn over.
    fn draft(&self, line: &str) {
        if self.is_terminal {
            let mut out = std::io::stderr().lock();
            // Who cannot be told does not stop the run.
            let _ = write!(out, "\r{line}\x1b[K").and_then(|()| out.flush());
        }
    }

    fn line(&self, line: &str) {
        let (before, after) = if self.is_terminal { ("\r", "\x1b[K") } else { ("", "") };
        let _ = writeln!(std::io::stderr().lock(), "{before}{line}{after}");
    }
}

fn named(stage: Stage) -> String {
    format!("{:<15}", stage.as_str())
}

/// What is said of a stage at its end.
fn summary(stage: Stage, flow: &Flow) -> String {
    let mut said = named(stage);
    said.push_str(&match (flow.came, flow.went) {
        (0, went) => format!("{went:>17}"),
        (came, went) => format!("{came:>7} -> {went:>6}"),
    });
    for (what, count) in flow.counted.iter().chain(&flow.dropped).take(4) {
        said.push_str(&format!("  {} {count}", what.replace('_', " ")));
    }
    said
}

/// What is said of a stage on its way. What was done before counts for no speed.
fn step(stage: Stage, (done, of): (u64, u64), what: &str, elapsed: Duration, gone: u64) -> String {
    let filled = (WIDTH * done / of.max(1)).min(WIDTH);
    let bar: String = (0..WIDTH).map(|at| if at < filled { '█' } else { '░' }).collect();
    let left = match gone {
        0 => String::new(),
        gone => {
            format!("  {} left", time(elapsed.as_secs_f64() / gone as f64 * of.saturating_sub(done) as f64))
        }
    };
    let share = 100 * done / of.max(1);
    format!("{}{bar} {share:>3} % {done}/{of}  {what}{left}", named(stage))
}

fn time(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{}:{:02}", seconds as u64 / 60, seconds as u64 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_said_in_a_line() {
        let said = step(Stage::Sft, (50, 200), "loss 1.25", Duration::from_secs(10), 40);
        assert_eq!(said, "sft            █████░░░░░░░░░░░░░░░  25 % 50/200  loss 1.25  37.5 s left");
        let said = step(Stage::Attempts, (50, 200), "", Duration::from_secs(10), 0);
        assert!(said.ends_with("50/200  "), "{said}");
        let flow = Flow::new(200, 150).dropping("wrong", 50);
        assert_eq!(summary(Stage::Samples, &flow), "samples            200 ->    150  wrong 50");
        assert_eq!(summary(Stage::Graph, &Flow::new(0, 7)), "graph                          7");
        assert_eq!((time(59.94), time(61.0)), ("59.9 s".to_owned(), "1:01".to_owned()));
    }
}
