//! The rubrics of one question as they come and go in training.

use std::collections::BTreeMap;

use offseeker_trajectory::Grade;
use serde::{Deserialize, Serialize};

use super::Rubric;

/// How many spreads are remembered of each rubric: the last so many.
pub const MOST_HISTORY: usize = 64;

/// How many rubrics that were dropped are remembered: the last so many.
pub const MOST_INACTIVE: usize = 256;

/// The rubrics of one question as they come and go in training.
///
/// Those that came with the question stay. Those that a model proposed are scored with them, and are dropped as soon as
/// they no longer tell attempts apart, or too many others tell them apart better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RubricBuffer {
    /// Those that came with the question.
    pub persistent: Vec<Rubric>,
    /// Those that were proposed and are in force.
    #[serde(default)]
    pub active: Vec<Rubric>,
    /// Those that were dropped, the first dropped first.
    #[serde(default)]
    pub inactive: Vec<Rubric>,
    /// How the scores of each were spread, by key, the oldest group first.
    #[serde(default)]
    pub history: BTreeMap<String, Past>,
    /// How many proposed rubrics may be in force. 5.
    #[serde(default = "five")]
    pub most_active: usize,
}

/// The standard deviations of a rubric's scores, one for each group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Past(pub Vec<f64>);

fn five() -> usize {
    5
}

impl RubricBuffer {
    /// A buffer with the rubrics that came with a question.
    #[must_use]
    pub fn new(persistent: Vec<Rubric>) -> Self {
        Self { persistent, active: Vec::new(), inactive: Vec::new(), history: BTreeMap::new(), most_active: five() }
    }

    /// The rubrics to score with.
    #[must_use]
    pub fn in_force(&self) -> Vec<Rubric> {
        self.persistent.iter().chain(&self.active).cloned().collect()
    }

    /// Takes proposed rubrics in, except those that are or were there, and says how many it took.
    pub fn admit(&mut self, proposed: Vec<Rubric>) -> usize {
        let before = self.active.len();
        for rubric in proposed {
            let mut known = self.persistent.iter().chain(&self.active).chain(&self.inactive);
            if known.all(|known| known.key() != rubric.key()) && rubric.weight.is_finite() {
                self.active.push(rubric);
            }
        }
        self.active.len() - before
    }

    /// Learns from the grades that [`RlerRubrics`](super::RlerRubrics) gave to a group, or a reward that it is a part of.
    ///
    /// An active rubric whose scores are all the same is dropped; of the others, those with the largest standard deviation
    /// stay, as many as may be in force. One with fewer than two scores says nothing: it stays while there is room.
    pub fn evolve(&mut self, grades: &[Grade]) {
        let mut spreads: BTreeMap<String, f64> = BTreeMap::new();
        for rubric in self.persistent.iter().chain(&self.active) {
            let key = rubric.key();
            let scores: Vec<f64> = grades.iter().filter_map(|grade| score(grade, &key)).collect();
            if let Some(spread) = deviation(&scores) {
                let past = &mut self.history.entry(key.clone()).or_default().0;
                past.push(spread);
                past.drain(..past.len().saturating_sub(MOST_HISTORY));
                spreads.insert(key, spread);
            }
        }
        let mut ranked: Vec<(Option<f64>, Rubric)> =
            self.active.drain(..).map(|rubric| (spreads.get(&rubric.key()).copied(), rubric)).collect();
        // Stable, so that of equals the earlier one stays; what is not known comes last.
        ranked.sort_by(|(left, _), (right, _)| right.unwrap_or(-1.0).total_cmp(&left.unwrap_or(-1.0)));
        for (spread, rubric) in ranked {
            if spread == Some(0.0) || self.active.len() >= self.most_active {
                self.inactive.push(rubric);
            } else {
                self.active.push(rubric);
            }
        }
        self.forget();
    }

    fn forget(&mut self) {
        let too_many = self.inactive.len().saturating_sub(MOST_INACTIVE);
        for rubric in self.inactive.drain(..too_many) {
            self.history.remove(&rubric.key());
        }
    }
}

/// What a rubric scored, as it stands in a grade of its own or in one that this is a part of.
fn score(grade: &Grade, key: &str) -> Option<f64> {
    let part_of = |name: &str| name.strip_suffix(key).is_some_and(|part| part.is_empty() || part.ends_with('/'));
    grade.components.iter().find(|(name, _)| part_of(name)).map(|(_, score)| *score)
}

/// The standard deviation of a whole group; none for fewer than two scores, and exactly nought where all are the same.
fn deviation(scores: &[f64]) -> Option<f64> {
    let (first, rest) = scores.split_first()?;
    if rest.is_empty() {
        return None;
    }
    if rest.iter().all(|score| score == first) {
        return Some(0.0);
    }
    let count = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / count;
    Some((scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt())
}
