//! Averages are those worked by hand, and go on as they were.

use super::*;

#[test]
fn an_average_follows_its_formula() {
    let check = |mut average: MovingAverage, expected: &[f32]| {
        for (step, expected) in (1_u8..).zip(expected) {
            average.add(&[f32::from(step)]).unwrap();
            assert!((average.values()[0] - expected).abs() < 1e-6, "{average:?} for {expected}");
        }
        assert_eq!(average.steps(), expected.len() as u64);
    };
    let new = |decay| MovingAverage::new(&[0.0], decay).unwrap();
    check(new(0.9), &[0.1, 0.29, 0.561]);
    check(new(0.0), &[1.0, 2.0, 3.0]);
    check(new(1.0), &[0.0, 0.0]);
    // 1/10, 2/11, 3/12 of itself.
    check(new(0.999).warming_up(), &[0.9, 1.8, 2.7]);
    check(new(0.05).warming_up(), &[0.95, 1.947_5]);
}

#[test]
fn an_average_goes_on_where_it_was() {
    let steps: Vec<[f32; 2]> = (0..9_u8).map(|step| [f32::from(step).sin(), f32::from(step).cos()]).collect();
    let mut whole = MovingAverage::new(&steps[0], 0.9).unwrap().warming_up();
    steps[1..].iter().for_each(|step| whole.add(step).unwrap());
    let mut first = MovingAverage::new(&steps[0], 0.9).unwrap().warming_up();
    steps[1..5].iter().for_each(|step| first.add(step).unwrap());
    let mut second = MovingAverage::resumed(first.values().to_vec(), 0.9, first.steps()).unwrap().warming_up();
    steps[5..].iter().for_each(|step| second.add(step).unwrap());
    assert_eq!(second, whole);
}

#[test]
fn what_cannot_be_averaged_is_told() {
    let said = MovingAverage::new(&[0.0], 1.5).unwrap_err().to_string();
    assert_eq!(said, "decay: is 1.5; it is from 0 to 1");
    let said = MovingAverage::new(&[0.0], 0.5).unwrap().add(&[1.0, 2.0]).unwrap_err().to_string();
    assert_eq!(said, "moving average: has 1 numbers, and the step has 2");
}

#[test]
fn networks_are_merged_by_their_shares() {
    let config = Config::small(64, 32, 1, 1);
    let mut parts = [1, 2, 3].map(|seed| Weights::from_seed(&config, seed).unwrap());
    let merged = merge(&[(&parts[0], 0.5), (&parts[1], 0.75), (&parts[2], -0.25)]).unwrap();
    for (at, found) in merged.values().iter().enumerate() {
        let [one, two, three] = [0, 1, 2].map(|part| f64::from(parts[part].values()[at]));
        assert!((f64::from(*found) - (0.5 * one + 0.75 * two - 0.25 * three)).abs() < 1e-7);
    }
    assert_eq!(merge(&[(&parts[0], 1.0)]).unwrap(), parts[0]);
    parts[1] = Weights::from_seed(&Config { rope_theta: 1e4, ..config.clone() }, 1).unwrap();
    parts[2] = Weights::from_seed(&Config { max_position_embeddings: 9, ..config }, 1).unwrap();
    let check = |parts: &[(&Weights, f64)], expected: &str| {
        let said = merge(parts).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    check(&[], "networks: are none");
    check(&[(&parts[0], 0.5), (&parts[0], 0.4)], "shares: add up to 0.9");
    check(&[(&parts[0], f64::NAN)], "shares: add up to NaN");
    check(&[(&parts[0], 0.5), (&parts[1], 0.5)], "number 2 is not of that of the first");
    assert!(merge(&[(&parts[0], 0.5), (&parts[2], 0.5)]).is_ok(), "the same weights for other lengths");
}
