//! Watches a stream of attempts and grades.

use std::collections::VecDeque;
use std::fmt;

use offseeker_trajectory::{Grade, Trajectory, TrajectoryId};
use serde::{Deserialize, Serialize};

use super::figures::figure;
use super::record::Record;
use super::{Measure, Rule, Side};

/// How many attempts an alarm names at most.
pub const MOST_NAMED: usize = 16;

/// How many values of the independent evaluation are kept.
const MOST_EVALUATIONS: usize = 256;

/// Watches a stream of attempts and grades, over a window of the last so many.
#[derive(Debug, Clone)]
pub struct Monitor {
    rules: Vec<Rule>,
    window: usize,
    records: VecDeque<Record>,
    evaluations: VecDeque<f64>,
}

/// A figure that breaks a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The rule, with its threshold.
    pub rule: Rule,
    /// The figure.
    pub figure: f64,
    /// How many attempts it was measured over.
    pub over: usize,
    /// Some of the attempts that it is about, those that have most to do with it first.
    pub attempts: Vec<TrajectoryId>,
}

impl Monitor {
    /// Watches by these rules, over a window of the last so many attempts, two at least.
    #[must_use]
    pub fn new(rules: Vec<Rule>, window: usize) -> Self {
        Self { rules, window: window.max(2), records: VecDeque::new(), evaluations: VecDeque::new() }
    }

    /// Takes an attempt in, with the grade that it is rewarded by.
    pub fn observe(&mut self, attempt: &Trajectory, grade: &Grade) {
        let Some(record) = Record::of(attempt, grade) else { return };
        if self.records.len() == self.window {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    /// Takes a value of an evaluation in that has no part in training. What is no finite number is left out.
    pub fn observe_evaluation(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.evaluations.len() == MOST_EVALUATIONS {
            self.evaluations.pop_front();
        }
        self.evaluations.push_back(value);
    }

    /// What a measure comes to now; none where there is nothing to measure.
    #[must_use]
    pub fn figure(&self, measure: Measure) -> Option<f64> {
        let (records, evaluations) = self.window();
        figure(measure, &records, &evaluations).map(|figure| figure.value)
    }

    /// The rules that are broken now, in their order.
    #[must_use]
    pub fn alarms(&self) -> Vec<Alarm> {
        let (records, evaluations) = self.window();
        let due = self.rules.iter().filter(|rule| records.len() >= rule.least);
        let broken = due.filter_map(|rule| {
            let figure = figure(rule.measure, &records, &evaluations)?;
            rule.is_broken_by(figure.value).then(|| Alarm {
                rule: *rule,
                figure: figure.value,
                over: records.len(),
                attempts: figure.concerned.iter().take(MOST_NAMED).map(|record| record.attempt.clone()).collect(),
            })
        });
        broken.collect()
    }

    fn window(&self) -> (Vec<&Record>, Vec<f64>) {
        (self.records.iter().collect(), self.evaluations.iter().copied().collect())
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.rule.side {
            Side::Above => "above",
            Side::Below => "below",
        };
        let measure = serde_json::to_value(self.rule.measure).unwrap_or_default();
        let measure = measure.as_str().unwrap_or_default().replace('_', " ");
        let (figure, threshold) = (self.figure, self.rule.threshold);
        write!(f, "{measure} is {figure:.3}, {side} {threshold}, over {} attempts", self.over)
    }
}
