//! How well values of steps find the step that was chosen among those that were not.

/// One over the rank of the chosen step among all; a tie counts against it.
///
/// ```
/// use offseeker_grading::rewards::web_shepherd::reciprocal_rank;
///
/// assert_eq!(reciprocal_rank(0.9, &[0.5, 0.1]), 1.0);
/// assert_eq!(reciprocal_rank(0.5, &[0.5, 0.1]), 0.5);
/// assert_eq!(reciprocal_rank(0.0, &[0.5, 0.1]), 1.0 / 3.0);
/// ```
#[must_use]
pub fn reciprocal_rank(chosen: f64, rejected: &[f64]) -> f64 {
    let above = rejected.iter().filter(|value| **value >= chosen).count();
    1.0 / (above + 1) as f64
}

/// Whether the chosen step is worth more than every other.
#[must_use]
pub fn is_found(chosen: f64, rejected: &[f64]) -> bool {
    rejected.iter().all(|value| chosen > *value)
}

/// What values of steps come to over many choices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choices {
    /// The mean of one over the rank of the chosen step.
    pub mean_reciprocal_rank: f64,
    /// The share of steps at which the chosen one is found.
    pub step_accuracy: f64,
    /// The share of attempts in which it is found at every step.
    pub attempt_accuracy: f64,
}

impl Choices {
    /// The figures over attempts, each with the chosen and the rejected values of its steps; none without a step.
    #[must_use]
    pub fn of(attempts: &[Vec<(f64, Vec<f64>)>]) -> Option<Self> {
        let steps: Vec<&(f64, Vec<f64>)> = attempts.iter().flatten().collect();
        if steps.is_empty() {
            return None;
        }
        let count = steps.len() as f64;
        let found = |(chosen, rejected): &(f64, Vec<f64>)| is_found(*chosen, rejected);
        let judged: Vec<&Vec<_>> = attempts.iter().filter(|attempt| !attempt.is_empty()).collect();
        let whole = judged.iter().filter(|attempt| attempt.iter().all(found)).count();
        Some(Self {
            mean_reciprocal_rank: steps.iter().map(|(chosen, others)| reciprocal_rank(*chosen, others)).sum::<f64>()
                / count,
            step_accuracy: steps.iter().filter(|step| found(step)).count() as f64 / count,
            attempt_accuracy: whole as f64 / judged.len() as f64,
        })
    }
}
