//! Rates are those of transformers.

use super::*;

fn schedule(warmup: Warmup, shape: Shape, floor: f64) -> Schedule {
    Schedule { peak: 2.0, floor, warmup, shape }
}

fn check(schedule: Schedule, total: u64, expected: &[f64]) {
    schedule.check().unwrap();
    for (step, expected) in (0..).zip(expected) {
        let found = schedule.rate(step, total);
        assert!((found - expected).abs() < 1e-6, "{schedule:?}, step {step}: {found} for {expected}");
    }
}

#[test]
fn rates_are_those_of_transformers() {
    let (two, half) = (Warmup::Steps(2), Warmup::Ratio(0.25));
    check(schedule(Warmup::default(), Shape::Constant, 0.0), 3, &[2.0, 2.0, 2.0, 2.0]);
    check(schedule(two, Shape::Constant, 0.0), 4, &[0.0, 1.0, 2.0, 2.0]);
    // get_linear_schedule_with_warmup(optimizer, 2, 6).
    check(schedule(two, Shape::Linear, 0.0), 6, &[0.0, 1.0, 2.0, 1.5, 1.0, 0.5, 0.0, 0.0]);
    // get_cosine_schedule_with_warmup(optimizer, 2, 6): 1 + cos(π progress).
    let cosine = [0.0, 1.0, 2.0, 1.707_106_78, 1.0, 0.292_893_22, 0.0, 0.0];
    check(schedule(two, Shape::Cosine, 0.0), 6, &cosine);
    check(schedule(half, Shape::Cosine, 0.0), 6, &cosine);
    // get_cosine_with_min_lr_schedule_with_warmup(optimizer, 2, 6, min_lr=0.2).
    let floored = [0.0, 1.0, 2.0, 1.736_396_1, 1.1, 0.463_603_9, 0.2, 0.2];
    check(schedule(two, Shape::Cosine, 0.2), 6, &floored);
}

#[test]
fn a_stable_schedule_falls_at_last() {
    let shape = |by| Shape::StableThenDecay { decay: 0.5, by };
    let one = Warmup::Steps(1);
    check(schedule(one, shape(Decay::Linear), 0.0), 8, &[0.0, 2.0, 2.0, 2.0, 2.0, 1.5, 1.0, 0.5, 0.0]);
    let cosine = [0.0, 2.0, 2.0, 2.0, 2.0, 1.707_106_78, 1.0, 0.292_893_22, 0.0];
    check(schedule(one, shape(Decay::Cosine), 0.0), 8, &cosine);
    // 0.5 + 1.5 (1 - √progress).
    let root = [0.0, 2.0, 2.0, 2.0, 2.0, 1.25, 0.939_339_8, 0.700_961_9, 0.5];
    check(schedule(one, shape(Decay::OneLessRoot), 0.5), 8, &root);
    // It cannot fall for longer than it has time.
    check(schedule(Warmup::Steps(6), shape(Decay::Linear), 0.0), 8, &[0.0, 0.333_333_3, 0.666_666_7, 1.0]);
    assert!((schedule(Warmup::Steps(6), shape(Decay::Linear), 0.0).rate(7, 8) - 1.0).abs() < 1e-9);
}

#[test]
fn the_published_schedule_ends_at_its_floor() {
    let published = Schedule { peak: 3e-5, floor: 1e-7, warmup: Warmup::Ratio(0.1), shape: Shape::Cosine };
    let total = 12_375;
    assert!((published.rate(1238, total) - 3e-5).abs() < 1e-12, "the warm-up is rounded up");
    assert!(published.rate(1237, total) < 3e-5);
    let last = published.rate(total - 1, total);
    assert!(last > 1e-7 && last < 1.01e-7, "{last}");
    assert_eq!(published.rate(total, total), 1e-7);
    assert_eq!(published.rate(u64::MAX, total), 1e-7);
    assert_eq!(published.rate(0, 0), 1e-7);
}

#[test]
fn schedules_are_json_and_are_checked() {
    let parse = |text: &str| serde_json::from_str::<Schedule>(text).unwrap();
    let text = r#"{"peak": 1e-3, "warmup": {"ratio": 0.1}, "shape": {"stable_then_decay": {"decay": 0.2}}}"#;
    let shape = Shape::StableThenDecay { decay: 0.2, by: Decay::Linear };
    assert_eq!(parse(text), Schedule { peak: 1e-3, floor: 0.0, warmup: Warmup::Ratio(0.1), shape });
    let wrong = [
        (r#"{"peak": 0}"#, "peak"),
        (r#"{"peak": 1, "floor": 2}"#, "floor"),
        (r#"{"peak": 1, "warmup": {"ratio": -1}}"#, "warmup"),
        (r#"{"peak": 1, "shape": {"stable_then_decay": {"decay": 2}}}"#, "decay"),
    ];
    for (text, field) in wrong {
        let said = parse(text).check().unwrap_err().to_string();
        assert!(said.starts_with(&format!("{field}: ")), "{said}");
    }
}
