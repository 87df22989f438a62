//! Signs are seen where they are, and not before.

use super::*;

const SETTINGS: fn() -> AlarmSettings = || AlarmSettings { window: 2, ..AlarmSettings::default() };

fn rows<const N: usize>(losses: [f64; N]) -> Vec<Metrics> {
    (1..).zip(losses).map(|(step, loss)| Metrics { step, loss, ..Metrics::default() }).collect()
}

fn of_pairs<const N: usize>(values: [(f64, f64); N]) -> Vec<Metrics> {
    let mut rows = rows([0.7; N]);
    for (row, (accuracy, chosen_log_probability)) in rows.iter_mut().zip(values) {
        row.preference = Some(PreferenceMetrics { accuracy, chosen_log_probability, ..PreferenceMetrics::default() });
    }
    rows
}

fn check(rows: &[Metrics], expected: &[Sign]) {
    let found: Vec<Sign> = SETTINGS().look(rows, 10).into_iter().map(|alarm| alarm.sign).collect();
    assert_eq!(found, expected, "{rows:?}");
}

#[test]
fn what_is_no_number_is_told_at_once() {
    check(&[], &[]);
    check(&rows([0.7]), &[]);
    check(&rows([f64::INFINITY]), &[Sign::NotFinite]);
    check(&rows([f64::NAN, 0.7, 0.7]), &[]);
    let mut later = rows([0.7, 0.6]);
    later[1].evaluation.insert("loss".to_owned(), f64::NAN);
    let [alarm] = &SETTINGS().look(&later, 10)[..] else { panic!("there is one alarm") };
    assert_eq!((alarm.severity, &*alarm.name, alarm.step), (Severity::Stop, "evaluation/loss", 2));
}

#[test]
fn accuracy_counts_after_a_fifth_of_the_steps_and_as_a_mean() {
    let row = |accuracy| (accuracy, -10.0);
    check(&of_pairs([row(0.1)]), &[]);
    check(&of_pairs([row(0.1), row(0.8)]), &[Sign::AccuracyBelowChance]);
    check(&of_pairs([row(0.1), row(0.9)]), &[]);
    check(&of_pairs([row(0.9), row(0.3), row(0.6)]), &[Sign::AccuracyBelowChance]);
    let alarms = SETTINGS().look(&of_pairs([row(0.1), row(0.1), row(0.1)]), 100);
    assert_eq!(alarms, [], "too early");
}

#[test]
fn chosen_sides_may_fall_by_a_fifth() {
    let row = |chosen| (1.0, chosen);
    check(&of_pairs([row(-10.0), row(-10.0), row(-12.0), row(-12.0)]), &[]);
    check(&of_pairs([row(-10.0), row(-10.0), row(-12.0), row(-12.2)]), &[Sign::ChosenFalls]);
    check(&of_pairs([row(-10.0), row(-10.0), row(-5.0), row(-2.0)]), &[]);
    let alarm = &SETTINGS().look(&of_pairs([row(-10.0), row(-10.0), row(-15.0), row(-15.0)]), 10)[0];
    assert_eq!((alarm.now, alarm.before, alarm.severity), (-15.0, -10.0, Severity::Warn));
    assert!(alarm.to_string().starts_with("step 4: chosen_falls: logps/chosen is -15.0000, from -10.0000"), "{alarm}");
}

#[test]
fn a_loss_may_rise_by_a_share_of_its_start() {
    check(&rows([1.0, 1.0, 0.5, 0.5, 0.7, 0.7]), &[]);
    check(&rows([1.0, 1.0, 0.5, 0.5, 0.9, 0.9]), &[Sign::LossRises]);
    check(&rows([1.0, 1.0, 0.5, 0.5, 0.5, 0.9]), &[]);
    check(&rows([1.0, 1.0, 2.0, 2.0]), &[Sign::LossRises]);
}

#[test]
fn settings_say_what_stops_and_are_checked() {
    let settings: AlarmSettings = serde_json::from_str(r#"{"stop": ["loss_rises"], "window": 1}"#).unwrap();
    settings.check().unwrap();
    assert_eq!(settings.look(&rows([1.0, 2.0]), 10)[0].severity, Severity::Stop);
    assert_eq!(settings.look(&rows([f64::NAN]), 10)[0].severity, Severity::Warn);
    for (text, field) in [
        (r#"{"window": 0}"#, "window"),
        (r#"{"least_accuracy": 1.5}"#, "least_accuracy"),
        (r#"{"accuracy_after": -1}"#, "accuracy_after"),
        (r#"{"chosen_fall": 0}"#, "chosen_fall"),
        (r#"{"loss_rise": -1}"#, "loss_rise"),
    ] {
        let said = serde_json::from_str::<AlarmSettings>(text).unwrap().check().unwrap_err().to_string();
        assert!(said.starts_with(&format!("{field}: ")), "{said}");
    }
}
