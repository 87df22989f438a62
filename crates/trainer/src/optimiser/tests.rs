//! Steps agree with `AdamW` worked by hand, and what is kept goes on the same.

use super::*;

fn update(step: u64, clip: Option<f64>) -> Update {
    Update { step, rate: 0.1, clip, optimiser: AdamW::default() }
}

#[test]
fn a_step_is_that_of_the_paper_and_only_some_numbers_decay() {
    let (mut values, mut gradients) = (vec![1.0_f32, 1.0, 1.0], vec![3.0_f32, 0.0, 4.0]);
    let mut moments = Moments::new(3, std::iter::once(1..2).collect());
    let norm = moments.step(&mut values, &mut gradients, &update(1, Some(1.0))).unwrap();
    assert_eq!(norm, 5.0);
    // The first step goes as far as the rate, whatever the gradient; what decays loses a hundredth first.
    for (value, expected) in values.iter().zip([0.89, 1.0, 0.89]) {
        assert!((value - expected).abs() < 1e-6, "{values:?}");
    }
    assert_eq!(gradients, [0.0; 3]);
    // Clipped to a fifth.
    assert!((moments.first[0] - 0.1 * 0.6).abs() < 1e-6 && (moments.second[2] - 0.001 * 0.64).abs() < 1e-8);
}

#[test]
fn what_is_kept_goes_on_the_same() {
    let (mut values, mut moments) = (vec![0.5_f32; 40], Moments::new(40, vec![0..3, 10..12, 38..40]));
    let gradient = |step: u64| (0..40).map(|at| ((at * 7 + step * 3) % 11) as f32 - 5.0).collect::<Vec<f32>>();
    for step in 1..=5 {
        moments.step(&mut values, &mut gradient(step), &update(step, None)).unwrap();
    }
    let kept = moments.state(Cow::Owned(values.clone()));
    let kept = State {
        values: Cow::Owned(kept.values.into_owned()),
        first: Cow::Owned(kept.first.into_owned()),
        second: Cow::Owned(kept.second.into_owned()),
    };
    let mut others = Moments::new(40, vec![0..3, 10..12, 38..40]);
    let mut again = others.restore(kept.clone()).unwrap();
    for step in 6..=9 {
        moments.step(&mut values, &mut gradient(step), &update(step, Some(2.0))).unwrap();
        others.step(&mut again, &mut gradient(step), &update(step, Some(2.0))).unwrap();
    }
    assert_eq!((values, moments), (again, others));
    assert!(Moments::new(39, Vec::new()).restore(kept).is_err());
}

#[test]
fn what_is_no_number_changes_nothing() {
    let (mut values, mut gradients) = (vec![1.0_f32, 2.0], vec![f32::NAN, 1.0]);
    let mut moments = Moments::new(2, Vec::new());
    let error = moments.step(&mut values, &mut gradients, &update(7, Some(1.0))).unwrap_err();
    assert!(error.to_string().starts_with("step 7: a gradient is no finite number"), "{error}");
    assert_eq!((values, gradients, moments), (vec![1.0, 2.0], vec![0.0; 2], Moments::new(2, Vec::new())));
}
