//! Krippendorff's alpha: how far raters agree beyond chance.

use std::collections::BTreeMap;

/// How far apart two ratings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// The same, or not: for kinds.
    Nominal,
    /// By the square of the difference: for values.
    Interval,
}

/// Krippendorff's alpha of ratings: each unit has one place for each rater, empty where that one did not rate it.
///
/// ```text
/// alpha = 1 - D_o / D_e
/// D_o = 1/n * sum over units u of sum over ordered pairs of ratings in u of d(v, w) / (m_u - 1)
/// D_e = 1/(n (n - 1)) * sum over ordered pairs of all ratings of d(v, w)
/// ```
///
/// where `m_u` is how many rated the unit, units that fewer than two rated do not count, `n` is the number of ratings that
/// count, and `d` is 0 or 1 (nominal) or the squared difference (interval). 1 is perfect agreement, 0 what chance would
/// give. It is none where no two ratings can be compared, or where all are the same, so that nothing could disagree.
///
/// ```
/// use offseeker_grading::judges::{Measure, krippendorff_alpha};
///
/// let units = [[Some(1.0), Some(1.0)], [Some(0.0), Some(1.0)], [Some(0.0), Some(0.0)], [None, Some(1.0)]];
/// // D_o = 2/6, D_e = 2 * 3 * 3 / (6 * 5).
/// let alpha = krippendorff_alpha(units, Measure::Nominal).expect("ratings differ");
/// assert!((alpha - 4.0 / 9.0).abs() < 1e-12);
/// ```
pub fn krippendorff_alpha<U>(units: impl IntoIterator<Item = U>, measure: Measure) -> Option<f64>
where
    U: AsRef<[Option<f64>]>,
{
    let mut alpha = Alpha::new(measure);
    for unit in units {
        let ratings: Vec<f64> = unit.as_ref().iter().copied().flatten().collect();
        alpha.add(&ratings);
    }
    alpha.value()
}

/// The sums that alpha is made of, so that units need not be kept.
#[derive(Debug, Clone)]
pub(super) struct Alpha {
    measure: Measure,
    observed: f64,
    count: f64,
    sum: f64,
    squares: f64,
    /// How often each rating was given, by its bits.
    counts: BTreeMap<u64, f64>,
}

impl Alpha {
    pub(super) fn new(measure: Measure) -> Self {
        Self { measure, observed: 0.0, count: 0.0, sum: 0.0, squares: 0.0, counts: BTreeMap::new() }
    }

    /// Takes in the ratings of a unit.
    // There are fewer raters than a float counts exactly.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn add(&mut self, ratings: &[f64]) {
        if ratings.len() < 2 {
            return;
        }
        let mut apart = 0.0;
        for (at, one) in ratings.iter().enumerate() {
            apart += ratings[at + 1..].iter().map(|other| self.distance(*one, *other)).sum::<f64>();
        }
        self.observed += 2.0 * apart / (ratings.len() - 1) as f64;
        self.count += ratings.len() as f64;
        for rating in ratings {
            self.sum += rating;
            self.squares += rating * rating;
            if self.measure == Measure::Nominal {
                // Adding nought makes one nought of the two.
                *self.counts.entry((rating + 0.0).to_bits()).or_default() += 1.0;
            }
        }
    }

    fn distance(&self, one: f64, other: f64) -> f64 {
        match self.measure {
            Measure::Nominal if (one + 0.0).to_bits() == (other + 0.0).to_bits() => 0.0,
            Measure::Nominal => 1.0,
            Measure::Interval => (one - other).powi(2),
        }
    }

    pub(super) fn value(&self) -> Option<f64> {
        let expected = match self.measure {
            Measure::Nominal => self.count * self.count - self.counts.values().map(|count| count * count).sum::<f64>(),
            Measure::Interval => 2.0 * (self.count * self.squares - self.sum * self.sum),
        };
        // What rounding leaves of nought is nought.
        let is_nothing = expected <= 1e-9 * (self.count * self.squares).abs().max(f64::MIN_POSITIVE);
        let is_nothing = if self.measure == Measure::Nominal { expected <= 0.0 } else { is_nothing };
        (!is_nothing).then(|| 1.0 - (self.count - 1.0) * self.observed / expected)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
