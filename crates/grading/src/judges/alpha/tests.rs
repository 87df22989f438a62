//! Alpha against values that are worked out by hand or printed, and its laws.

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
    let four =
        ["1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."];
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
