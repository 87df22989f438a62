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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ratings as tables print them: a row for each rater, `.` where there is none.
    fn units(rows: &[&str]) -> Vec<Vec<Option<f64>>> {
        let rows: Vec<Vec<Option<f64>>> =
            rows.iter().map(|row| row.split_whitespace().map(|rating| rating.parse().ok()).collect()).collect();
        (0..rows[0].len()).map(|unit| rows.iter().map(|row| row[unit]).collect()).collect()
    }

    #[test]
    fn alpha_is_what_is_worked_out_by_hand() {
        // Krippendorff's own example: four observers, twelve units, some not rated. 0.743 and 0.849 are printed.
        let four = [
            "1 2 3 3 2 1 4 1 2 . . .",
            "1 2 3 3 2 2 4 1 2 5 . 3",
            ". 3 3 3 2 3 4 2 2 5 1 .",
            "1 2 3 3 2 4 4 1 2 5 1 .",
        ];
        check(&four, Measure::Nominal, Some(0.743));
        check(&four, Measure::Interval, Some(0.849));
        // Two observers, ten units, yes and no: 0.095 is printed. D_o = 4/10, D_e = 2*14*6/(20*19).
        let two = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"];
        check(&two, Measure::Nominal, Some(0.095));
        check(&two, Measure::Interval, Some(0.095));
        // All apart: D_o = 1, D_e = 2*2*2/(4*3), 1 - 3/2.
        check(&["0 1", "1 0"], Measure::Nominal, Some(-0.5));
        check(&["0 1 2", "0 1 2"], Measure::Interval, Some(1.0));
        check(&["1 1", "1 1"], Measure::Nominal, None);
        check(&["1 1", "1 1"], Measure::Interval, None);
        check(&["0 .", ". 1"], Measure::Nominal, None);
    }

    fn check(rows: &[&str], measure: Measure, expected: Option<f64>) {
        let alpha = krippendorff_alpha(units(rows), measure);
        let is_close = match (alpha, expected) {
            (Some(alpha), Some(expected)) => (alpha - expected).abs() < 0.0005,
            (alpha, expected) => alpha == expected,
        };
        assert!(is_close, "{measure:?} {rows:?}: {alpha:?} in the place of {expected:?}");
    }

    proptest! {
        #[test]
        fn the_order_of_raters_and_units_does_not_count(
            ratings in prop::collection::vec(prop::collection::vec(prop::option::of(0u8..4), 3), 1..12),
        ) {
            for measure in [Measure::Nominal, Measure::Interval] {
                let units: Vec<Vec<Option<f64>>> =
                    ratings.iter().map(|unit| unit.iter().map(|rating| rating.map(f64::from)).collect()).collect();
                let turned: Vec<Vec<Option<f64>>> =
                    units.iter().rev().map(|unit| unit.iter().rev().copied().collect()).collect();
                let (alpha, other) = (krippendorff_alpha(&units, measure), krippendorff_alpha(&turned, measure));
                prop_assert_eq!(alpha.is_some(), other.is_some());
                if let (Some(alpha), Some(other)) = (alpha, other) {
                    prop_assert!((alpha - other).abs() < 1e-9 && alpha <= 1.0 + 1e-9);
                }
            }
        }
    }
}
