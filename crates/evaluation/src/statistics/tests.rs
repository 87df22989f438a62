//! Figures against what was worked out by hand, and laws that hold for all.

use offseeker_trajectory::Outcome::{self, Correct, Malformed, NoAnswer, Wrong};
use proptest::prelude::*;

use super::*;

fn unscored() -> Outcome {
    Outcome::Unscored { reason: "the judge said nothing".to_owned() }
}

fn is_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
}

fn is_interval(found: Option<Interval>, low: f64, high: f64) {
    let found = found.unwrap();
    is_near(found.low, low);
    is_near(found.high, high);
}

#[test]
fn chances_of_k_attempts() {
    let check = |k, attempts, correct, at: Option<f64>, all: Option<f64>| {
        let same = |found: Option<f64>, expected: Option<f64>| match (found, expected) {
            (Some(found), Some(expected)) => is_near(found, expected),
            (found, expected) => assert_eq!(found, expected, "{k} of {attempts}, {correct} right"),
        };
        same(pass_at(k, attempts, correct), at);
        same(pass_all(k, attempts, correct), all);
    };
    check(1, 5, 2, Some(0.4), Some(0.4));
    check(2, 5, 2, Some(0.7), Some(0.1));
    check(3, 5, 2, Some(0.9), Some(0.0));
    check(4, 5, 2, Some(1.0), Some(0.0));
    check(5, 5, 5, Some(1.0), Some(1.0));
    check(3, 5, 0, Some(0.0), Some(0.0));
    check(6, 5, 2, None, None);
    check(0, 5, 2, None, None);
    check(1, 2, 3, None, None);
}

#[test]
fn wilsons_interval_is_the_published_one() {
    // Newcombe (1998), table I.
    let check = |correct: f64, attempts: f64, low: f64, high: f64| {
        let found = wilson(correct, attempts).unwrap();
        assert!((found.low - low).abs() < 5e-5 && (found.high - high).abs() < 5e-5, "{found:?}");
    };
    check(81.0, 263.0, 0.2553, 0.3662);
    check(15.0, 148.0, 0.0624, 0.1605);
    check(0.0, 20.0, 0.0, 0.1611);
    check(1.0, 29.0, 0.0061, 0.1718);
    assert_eq!((wilson(0.0, 3.0).unwrap().low, wilson(3.0, 3.0).unwrap().high), (0.0, 1.0));
    for (correct, attempts) in [(0.0, 0.0), (2.0, 1.0), (-1.0, 3.0), (f64::NAN, 3.0), (1.0, f64::INFINITY)] {
        assert_eq!(wilson(correct, attempts), None);
    }
}

#[test]
fn students_quantiles_are_those_of_the_tables() {
    let table = [(1, 12.706_205), (2, 4.302_653), (3, 3.182_446), (4, 2.776_445), (9, 2.262_157), (30, 2.042_272)];
    for (degrees, expected) in table {
        is_near(student_97_5(degrees).unwrap(), expected);
    }
    is_near(student_97_5(1000).unwrap(), 1.962_339);
    assert!(student_97_5(99_999).unwrap() >= student_97_5(100_000).unwrap() - 1e-9);
    assert_eq!(student_97_5(0), None);
}

#[test]
fn clusters_widen_what_agrees_within_them() {
    let values = [("a", 1.0), ("a", 1.0), ("b", 0.0), ("b", 0.0)];
    let found = clustered_mean(values).unwrap();
    // Each cluster is off by 2 * 0.5: sqrt(2 / 1 * 2) / 4.
    is_near(found.standard_error.unwrap(), 0.5);
    // Alone they are four values: sqrt(4 / 3 * 4 * 0.25) / 4.
    let alone = clustered_mean(values.into_iter().enumerate().map(|(at, (_, value))| (at, value))).unwrap();
    is_near(alone.standard_error.unwrap(), (1.0_f64 / 12.0).sqrt());
    is_interval(alone.interval(), 0.5 - 3.182_446 * 0.288_675, 0.5 + 3.182_446 * 0.288_675);
    // statsmodels: OLS on a constant, cov_type="cluster".
    let uneven = [("a", 1.0), ("a", 0.5), ("b", 0.0), ("c", 0.25), ("c", 0.75), ("c", 1.0)];
    is_near(clustered_mean(uneven).unwrap().standard_error.unwrap(), 0.146_328_52);
    let single = clustered_mean([("a", 1.0)]).unwrap();
    assert_eq!((single.standard_error, single.interval()), (None, None));
    assert_eq!(clustered_mean::<&str>([]), None);
}

#[test]
fn what_could_not_be_scored_has_a_column_and_stays_in_the_denominator() {
    let questions = [
        QuestionOutcomes::new("a", vec![Correct, unscored()]),
        QuestionOutcomes::new("b", vec![Wrong, NoAnswer]),
        QuestionOutcomes::new("c", vec![unscored(), unscored()]),
        QuestionOutcomes::new("d", vec![Correct, Malformed]),
    ];
    let figures = Figures::of(&questions, &[1, 2, 3]);
    let expected = Counts { attempts: 8, correct: 2, wrong: 1, no_answer: 1, malformed: 1, unscored: 3 };
    assert_eq!(figures.counts, expected);
    assert_eq!((figures.all.questions, figures.scored.questions), (4, 3));
    is_near(figures.all.mean.unwrap().value, 0.25);
    is_near(figures.scored.mean.unwrap().value, 0.5);
    is_near(figures.all.pass_at[&2], 0.5);
    // One question has a single attempt that was scored, so there is no pass@2 without the others.
    assert_eq!(figures.scored.pass_at.keys().copied().collect::<Vec<_>>(), [1]);
    assert!(!figures.all.pass_at.contains_key(&3));
    let nothing = Figures::of(&[], &[1]);
    assert_eq!((nothing.all.mean, nothing.all.pass_at.len()), (None, 0));
}

#[test]
fn two_runs_are_compared_by_question() {
    let run = |outcomes: &[(&str, Outcome)]| -> Vec<QuestionOutcomes> {
        outcomes.iter().map(|(id, outcome)| QuestionOutcomes::new(*id, vec![outcome.clone()])).collect()
    };
    let first = run(&[("a", Wrong), ("b", Wrong), ("c", Correct), ("d", Wrong), ("e", Wrong)]);
    let second = run(&[("f", Wrong), ("d", unscored()), ("c", Correct), ("b", Correct), ("a", Correct)]);
    let found = paired(&first, &second, Unscored::LeftOut).unwrap();
    assert_eq!((found.questions, found.left_out), (3, 3));
    assert_eq!((found.first_better, found.second_better), (0, 2));
    // Differences 1, 1, 0: sqrt(3 / 2 * (1 + 1 + 4) / 9) / 3.
    is_near(found.difference, 2.0 / 3.0);
    is_near(found.standard_error.unwrap(), 1.0 / 3.0);
    is_interval(found.interval, 2.0 / 3.0 - 4.302_653 / 3.0, 1.0);
    is_near(found.p, 0.5);
    assert_eq!(paired(&first, &second, Unscored::Counted).unwrap().questions, 4);
    assert_eq!(paired(&first, &[], Unscored::Counted), None);
}

#[test]
fn the_sign_test_is_exact() {
    for (better, worse, expected) in [(0, 0, 1.0), (5, 0, 2.0 / 32.0), (1, 5, 14.0 / 64.0), (3, 3, 1.0)] {
        is_near(sign_test(better, worse), expected);
    }
    is_near(sign_test(2, 10), 2.0 * (1.0 + 12.0 + 66.0) / 4096.0);
    let (many, turned) = (sign_test(1000, 1100), sign_test(1100, 1000));
    // scipy.stats.binomtest(1000, 2100)
    assert!((many - 0.030_720_707_864_242).abs() < 1e-10, "{many}");
    is_near(many, turned);
}

#[test]
fn calibration_counts_every_answer() {
    let stated = |answers: &[(f64, bool)]| -> Vec<Stated> {
        answers.iter().map(|(confidence, correct)| Stated::new(*confidence, *correct).unwrap()).collect()
    };
    let answers = stated(&[(0.9, true), (0.8, false), (0.3, false), (1.0, true)]);
    is_near(brier(&answers).unwrap(), (0.01 + 0.64 + 0.09) / 4.0);
    // Two bins: 0.3 below, and 0.9 + 0.8 + 1.0 - 2 above.
    is_near(expected_calibration_error(&answers, 2).unwrap(), (0.3 + 0.7) / 4.0);
    // Sorted in pairs: 0.3 and 0.8 wrong, 0.9 and 1.0 right.
    is_near(rms_calibration_error(&answers, 2).unwrap(), ((2.0 * 0.55_f64.powi(2) + 2.0 * 0.0025) / 4.0).sqrt());
    // The script of BrowseComp-Plus fails here, and above leaves the second pair out.
    is_near(rms_calibration_error(&answers, 100).unwrap(), 0.25);
    is_near(rms_calibration_error(&answers, 3).unwrap(), 0.25);
    for empty in [brier(&[]), expected_calibration_error(&[], 10), rms_calibration_error(&answers, 0)] {
        assert_eq!(empty, None);
    }
    for outside in [-0.1, 1.1, f64::NAN] {
        assert_eq!(Stated::new(outside, true), None);
    }
}

fn mean(drawn: &[&QuestionOutcomes]) -> Option<f64> {
    let rates = drawn.iter().filter_map(|question| Some((&question.question, question.rate(Unscored::Counted)?)));
    clustered_mean(rates).map(|mean| mean.value)
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![Just(Correct), Just(Wrong), Just(NoAnswer), Just(Malformed), Just(unscored())]
}

fn any_run() -> impl Strategy<Value = Vec<QuestionOutcomes>> {
    let question = (proptest::collection::vec(any_outcome(), 1..6), proptest::option::of(0..3_u8));
    proptest::collection::vec(question, 1..12).prop_map(|questions| {
        let named = |(at, (outcomes, cluster)): (usize, (Vec<Outcome>, Option<u8>))| QuestionOutcomes {
            cluster: cluster.map(|cluster| cluster.to_string()),
            ..QuestionOutcomes::new(at.to_string(), outcomes)
        };
        questions.into_iter().enumerate().map(named).collect()
    })
}

proptest! {
    #[test]
    fn order_makes_no_difference(run in any_run(), seed: u64) {
        let mut turned = run.clone();
        turned.reverse();
        prop_assert_eq!(Figures::of(&run, &[1, 2]), Figures::of(&turned, &[1, 2]));
        prop_assert_eq!(bootstrap(&run, 20, seed, mean), bootstrap(&turned, 20, seed, mean));
    }

    #[test]
    fn figures_stay_within_bounds_and_in_order(run in any_run()) {
        let figures = Figures::of(&run, &[1, 2, 3]);
        let all = figures.all.mean.unwrap();
        prop_assert!((0.0..=1.0).contains(&all.value) && all.wilson.holds(all.value));
        prop_assert!(all.clustered.is_none_or(|interval| interval.holds(all.value)));
        prop_assert!(figures.all.questions >= figures.scored.questions);
        for rates in [&figures.all, &figures.scored] {
            let at: Vec<f64> = rates.pass_at.values().copied().collect();
            let every: Vec<f64> = rates.pass_all.values().copied().collect();
            prop_assert!(at.is_sorted_by(|less, more| less <= &(more + 1e-12)), "{:?}", at);
            prop_assert!(every.is_sorted_by(|more, less| less <= &(more + 1e-12)), "{:?}", every);
            prop_assert!(at.iter().zip(&every).all(|(at, every)| every <= &(at + 1e-12)));
        }
    }

    #[test]
    fn pass_at_one_is_the_mean(run in any_run()) {
        let rates = Figures::of(&run, &[1]).all;
        prop_assert!((rates.pass_at[&1] - rates.mean.unwrap().value).abs() < 1e-12);
        prop_assert!((rates.pass_all[&1] - rates.pass_at[&1]).abs() < 1e-12);
    }

    #[test]
    fn the_other_way_round_the_difference_is_turned(first in any_run(), second in any_run()) {
        let unclustered = |run: Vec<QuestionOutcomes>| -> Vec<_> {
            run.into_iter().map(|question| QuestionOutcomes { cluster: None, ..question }).collect()
        };
        let (first, second) = (unclustered(first), unclustered(second));
        let there = paired(&first, &second, Unscored::Counted).unwrap();
        let back = paired(&second, &first, Unscored::Counted).unwrap();
        prop_assert!((there.difference + back.difference).abs() < 1e-12);
        prop_assert_eq!((there.first_better, there.left_out), (back.second_better, back.left_out));
        prop_assert!((there.p - back.p).abs() < 1e-9 && (0.0..=1.0).contains(&there.p));
    }

    #[test]
    fn calibration_errors_are_shares(answers in proptest::collection::vec((0.0..=1.0_f64, any::<bool>()), 1..60), bins in 1..20_usize) {
        let answers: Vec<Stated> = answers.into_iter().map(|(said, right)| Stated::new(said, right).unwrap()).collect();
        let ece = expected_calibration_error(&answers, bins).unwrap();
        // More bins never hide a difference that fewer, whose edges are among theirs, show.
        prop_assert!(ece <= expected_calibration_error(&answers, bins * 2).unwrap() + 1e-9);
        for figure in [Some(ece), brier(&answers), rms_calibration_error(&answers, bins)] {
            prop_assert!((0.0..=1.0).contains(&figure.unwrap()));
        }
    }
}
