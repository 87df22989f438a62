//! Signs that a training goes wrong, told from its rows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::metrics::{Metrics, PreferenceMetrics};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sign {
    /// A number is none any more.
    NotFinite,
    /// Fewer pairs than guessing would get are the right way round, although much of the training is over.
    AccuracyBelowChance,
    /// Chosen sides become unlikely too: likelihood displacement.
    ChosenFalls,
    /// The loss is far above where it was.
    LossRises,
}

/// What to do about a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Tell it and go on.
    Warn,
    /// Do not go on.
    Stop,
}

/// A sign that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// What goes wrong.
    pub sign: Sign,
    /// What to do about it.
    pub severity: Severity,
    /// The step after which it was seen.
    pub step: u64,
    /// Which number of the rows shows it.
    pub name: String,
    /// What that is now; a mean over the window, but for a number that is none.
    pub now: f64,
    /// What it is compared with: what it was, or what it is at least.
    pub before: f64,
}

/// When something is a sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlarmSettings {
    /// How many rows means are taken over.
    pub window: usize,
    /// The least share of pairs that are the right way round.
    pub least_accuracy: f64,
    /// The share of the steps after which that counts.
    pub accuracy_after: f64,
    /// How far the log-probability of chosen sides may fall, as a share of what it was at the start.
    pub chosen_fall: f64,
    /// How far the loss may rise above its lowest, as a share of what it was at the start.
    pub loss_rise: f64,
    /// Which signs end the training.
    pub stop: Vec<Sign>,
}

impl Default for AlarmSettings {
    fn default() -> Self {
        Self {
            window: 10,
            least_accuracy: 0.5,
            accuracy_after: 0.2,
            chosen_fall: 0.2,
            loss_rise: 0.3,
            stop: vec![Sign::NotFinite],
        }
    }
}

impl AlarmSettings {
    /// Says whether there are such settings.
    ///
    /// # Errors
    ///
    /// The first field that is wrong.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |field, what| Err(TrainError::Settings { field, what });
        if self.window == 0 {
            return wrong("window", "is 0; a mean is over at least one row".to_owned());
        }
        let shares = [("least_accuracy", self.least_accuracy), ("accuracy_after", self.accuracy_after)];
        for (field, share) in shares {
            if !(0.0..=1.0).contains(&share) {
                return wrong(field, format!("is {share}; it is from 0 to 1"));
            }
        }
        for (field, share) in [("chosen_fall", self.chosen_fall), ("loss_rise", self.loss_rise)] {
            if !(share.is_finite() && share > 0.0) {
                return wrong(field, format!("is {share}; it is above 0"));
            }
        }
        Ok(())
    }

    /// The signs that the last of these rows shows. The rows are all so far, in their order; `steps` is how many steps the
    /// whole training has.
    ///
    /// ```
    /// use offseeker_trainer::alarms::{AlarmSettings, Severity};
    /// use offseeker_trainer::metrics::Metrics;
    ///
    /// let rows = [0.7, f64::NAN].map(|loss| Metrics { loss, ..Metrics::default() });
    /// let alarms = AlarmSettings::default().look(&rows, 100);
    /// assert_eq!(alarms[0].severity, Severity::Stop);
    /// assert_eq!(alarms[0].to_string(), "step 0: not_finite: loss is NaN");
    /// ```
    #[must_use]
    pub fn look(&self, rows: &[Metrics], steps: u64) -> Vec<Alarm> {
        let Some(last) = rows.last() else { return Vec::new() };
        let seen = self.not_finite(last).into_iter().collect::<Vec<_>>();
        if !seen.is_empty() {
            // Means over what is no number say nothing more.
            return seen;
        }
        let seen = [self.accuracy(rows, last.step, steps), self.chosen(rows, last.step), self.loss(rows, last.step)];
        seen.into_iter().flatten().collect()
    }

    fn not_finite(&self, row: &Metrics) -> Option<Alarm> {
        let (name, now) = row.values().into_iter().find(|(_, value)| !value.is_finite())?;
        Some(self.alarm(Sign::NotFinite, row.step, &name, now, f64::NAN))
    }

    fn accuracy(&self, rows: &[Metrics], step: u64, steps: u64) -> Option<Alarm> {
        if (step as f64) < self.accuracy_after * steps as f64 {
            return None;
        }
        let now = *self.means(rows, of_pairs(|of| of.accuracy)).last()?;
        let alarm = || self.alarm(Sign::AccuracyBelowChance, step, "rewards/accuracies", now, self.least_accuracy);
        (now < self.least_accuracy).then(alarm)
    }

    fn chosen(&self, rows: &[Metrics], step: u64) -> Option<Alarm> {
        let means = self.means(rows, of_pairs(|of| of.chosen_log_probability));
        let (before, now) = (*means.first()?, *means.last()?);
        let alarm = || self.alarm(Sign::ChosenFalls, step, "logps/chosen", now, before);
        (before - now > self.chosen_fall * before.abs()).then(alarm)
    }

    fn loss(&self, rows: &[Metrics], step: u64) -> Option<Alarm> {
        let means = self.means(rows, |row| Some(row.loss));
        let (start, now) = (*means.first()?, *means.last()?);
        let lowest = means.iter().copied().fold(f64::INFINITY, f64::min);
        let alarm = || self.alarm(Sign::LossRises, step, "loss", now, lowest);
        (now - lowest > self.loss_rise * start.abs()).then(alarm)
    }

    /// The means over each window of rows that have the number and where it is finite.
    fn means(&self, rows: &[Metrics], of: impl Fn(&Metrics) -> Option<f64>) -> Vec<f64> {
        let values: Vec<f64> = rows.iter().filter_map(of).filter(|value| value.is_finite()).collect();
        values.windows(self.window.max(1)).map(|part| part.iter().sum::<f64>() / part.len() as f64).collect()
    }

    fn alarm(&self, sign: Sign, step: u64, name: &str, now: f64, before: f64) -> Alarm {
        let severity = if self.stop.contains(&sign) { Severity::Stop } else { Severity::Warn };
        Alarm { sign, severity, step, name: name.to_owned(), now, before }
    }
}

fn of_pairs(of: impl Fn(&PreferenceMetrics) -> f64) -> impl Fn(&Metrics) -> Option<f64> {
    move |row| row.preference.as_ref().map(&of)
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFinite => "not_finite",
            Self::AccuracyBelowChance => "accuracy_below_chance",
            Self::ChosenFalls => "chosen_falls",
            Self::LossRises => "loss_rises",
        })
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sign, step, name, now, before, .. } = self;
        write!(f, "step {step}: {sign}: {name} is {now:.4}")?;
        match sign {
            Sign::NotFinite => Ok(()),
            Sign::AccuracyBelowChance => {
                write!(f, ", below {before}: pairs may be the wrong way round, or the learning rate too high")
            }
            Sign::ChosenFalls => {
                write!(f, ", from {before:.4} at the start: add the `sft` loss, or lower the learning rate")
            }
            Sign::LossRises => write!(f, ", and was {before:.4}: lower the learning rate, or clip gradients more"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
