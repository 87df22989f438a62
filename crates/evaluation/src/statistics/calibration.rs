//! How far the confidence that answers were given with can be trusted.

use serde::{Deserialize, Serialize};

/// The confidence that an answer was given with, and whether it was right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    confidence: f64,
    correct: bool,
}

impl Stated {
    /// A confidence from 0 to 1; none where it is another number. Models say percent: divide those by 100.
    #[must_use]
    pub fn new(confidence: f64, correct: bool) -> Option<Self> {
        (0.0..=1.0).contains(&confidence).then_some(Self { confidence, correct })
    }

    fn truth(self) -> f64 {
        f64::from(u8::from(self.correct))
    }
}

/// The mean squared difference between confidence and truth; none without answers.
// There are fewer answers than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
#[must_use]
pub fn brier(answers: &[Stated]) -> Option<f64> {
    let squares: f64 = answers.iter().map(|answer| (answer.confidence - answer.truth()).powi(2)).sum();
    (!answers.is_empty()).then(|| squares / answers.len() as f64)
}

/// The expected calibration error over bins of equal width: the mean, weighted by their answers, of how far confidence
/// and share of right answers are apart in each bin. None without answers or bins.
///
/// A bin holds its lower edge, and the last one holds 1 too.
// The place is within the bins, and there are fewer answers than a float counts exactly.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
#[must_use]
pub fn expected_calibration_error(answers: &[Stated], bins: usize) -> Option<f64> {
    if answers.is_empty() || bins == 0 {
        return None;
    }
    let mut gaps = vec![0.0; bins];
    for answer in answers {
        let bin = ((answer.confidence * bins as f64) as usize).min(bins - 1);
        gaps[bin] += answer.confidence - answer.truth();
    }
    Some(gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / answers.len() as f64)
}

/// The root mean squared calibration error over bins of `per_bin` answers each, as HLE and `BrowseComp`-Plus report it.
/// None without answers or with empty bins.
///
/// The answers are sorted by confidence, and the last bin takes what is left over. The published script skips that bin and
/// fails for fewer answers than one bin holds; here every answer counts, so figures differ from those of the script.
/// Of answers with one confidence the wrong ones come first, so that the order in which they are given makes no difference.
// There are fewer answers than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
#[must_use]
pub fn rms_calibration_error(answers: &[Stated], per_bin: usize) -> Option<f64> {
    if answers.is_empty() || per_bin == 0 {
        return None;
    }
    let mut sorted = answers.to_vec();
    sorted.sort_by(|left, right| left.confidence.total_cmp(&right.confidence).then(left.correct.cmp(&right.correct)));
    let full = (sorted.len() / per_bin).max(1);
    let bins = (0..full).map(|bin| {
        let end = if bin + 1 == full { sorted.len() } else { (bin + 1) * per_bin };
        &sorted[bin * per_bin..end]
    });
    let squares: f64 = bins
        .map(|bin| {
            let count = bin.len() as f64;
            let gap = bin.iter().map(|answer| answer.confidence - answer.truth()).sum::<f64>() / count;
            count * gap * gap
        })
        .sum();
    Some((squares / sorted.len() as f64).sqrt())
}
