//! Means over runs, by a calculation by hand.

use offseeker_trajectory::{Outcome, QuestionId};

use super::*;
use crate::results::Results;
use crate::stages::Measured;

/// A run in which so many of ten questions are right by the fine-tuned student, and all of them after preference.
fn report(right: u8, best_temperature: f64) -> Report {
    let measured = |right: u8| -> Vec<Measured> {
        let one = |at: u8| Measured {
            question: QuestionId::new(format!("q{at}")),
            attempt: 0,
            category: "two_hops".to_owned(),
            outcome: if at < right { Outcome::Correct } else { Outcome::Wrong },
            guessed: None,
            is_well_formed: true,
            calls: 3,
        };
        (0..10).map(one).collect()
    };
    let (sft, dpo) = (measured(right), measured(10));
    let mut results = Results { best_temperature, ..Results::default() };
    for temperature in [0.0, 0.7] {
        results.lines.extend(Line::of(Contestant::Sft, Set::Test, temperature, &sft));
        let pair = ((Contestant::Sft, sft.as_slice()), (Contestant::Dpo, dpo.as_slice()));
        results.comparisons.extend(Comparison::of(pair.0, pair.1, Set::Test, temperature));
    }
    Report {
        name: format!("of {right}"),
        config: String::new(),
        funnel: Vec::new(),
        training: BTreeMap::new(),
        results,
    }
}

#[test]
fn a_mean_over_runs_has_the_interval_of_student() {
    let repeated = Repeated::of(&[report(6, 0.0), report(8, 0.7), report(7, 0.0)]);
    assert_eq!(repeated.runs, ["of 6", "of 8", "of 7"]);
    let line = repeated.line(Contestant::Sft, Set::Test, At::Best, "two_hops").unwrap();
    assert_eq!(line.right.values, [0.6, 0.8, 0.7]);
    // 0.1 / sqrt(3) times 4.3027, the quantile at two degrees of freedom.
    let interval = line.right.interval.unwrap();
    assert!((line.right.mean - 0.7).abs() < 1e-12 && (interval.low - (0.7 - 0.248_42)).abs() < 1e-4, "{interval:?}");

    let gain = repeated.gains.iter().find(|it| it.at == At::Best && it.category == ALL).unwrap();
    assert!((gain.gain.mean - 0.3).abs() < 1e-12, "{gain:?}");
    assert_eq!((gain.first_better, gain.second_better), (0, 9));
    // The standard error of a share of 0.4, 0.2 and 0.3 among ten, put together, times 2.0518 (27 degrees of freedom).
    let errors: f64 = [0.4, 0.2, 0.3].into_iter().map(|share: f64| share * (1.0 - share) / 9.0).sum();
    let reach = 2.0518 * errors.sqrt() / 3.0;
    assert!((gain.within.unwrap().high - (0.3 + reach)).abs() < 1e-4, "{gain:?}");
    let said = repeated.to_string();
    assert!(said.contains("sft t best"), "{said}");
}

#[test]
fn what_one_run_lacks_is_left_out() {
    let mut short = report(5, 0.0);
    short.results.lines.retain(|line| line.temperature == 0.0);
    let repeated = Repeated::of(&[report(6, 0.0), short]);
    assert!(repeated.line(Contestant::Sft, Set::Test, At::Hundredths(0), ALL).is_some());
    assert!(repeated.line(Contestant::Sft, Set::Test, At::Hundredths(70), ALL).is_none());
    assert_eq!(Repeated::of(&[]), Repeated::default());
    assert!(Repeated::of(&[report(6, 0.0)]).lines[0].right.interval.is_none());
}
