//! A drawing shows the lines that there are, and keeps its points within bounds.

use super::*;

fn rows(count: u64) -> Vec<Metrics> {
    let row = |step: u64| {
        let at = step as f64 / count as f64;
        let wave = (step as f64 * 1.7).sin();
        Metrics {
            step,
            loss: 0.69 * (-1.5 * at).exp() + 0.03 * wave,
            preference: Some(PreferenceMetrics {
                chosen_reward: 0.8 * at + 0.05 * wave,
                rejected_reward: -1.4 * at,
                margin: 2.2 * at + 0.05 * wave,
                accuracy: (0.5 + 0.4 * at + 0.05 * wave).min(1.0),
                ..PreferenceMetrics::default()
            }),
            evaluation: step
                .is_multiple_of(20)
                .then(|| ("loss".to_owned(), 0.7 * (-1.2 * at).exp()))
                .into_iter()
                .collect(),
            ..Metrics::default()
        }
    };
    (1..=count).map(row).collect()
}

#[test]
fn a_drawing_has_what_rows_have() {
    let parts = |rows: &[Metrics], there: &[&str], missing: &[&str]| {
        let drawing = svg(rows).unwrap();
        assert!(there.iter().all(|part| drawing.contains(part)), "{there:?}");
        assert!(!missing.iter().any(|part| drawing.contains(part)), "{missing:?}");
        drawing
    };
    let all = ["Loss", "Rewards", "Accuracy", "training", "held out: loss", "margin", "height=\"960\""];
    let drawing = parts(&rows(200), &all, &[]);
    let lines = drawing.matches("<polyline").count();
    assert!(lines >= 6, "{lines} lines");
    let mut plain = rows(30);
    plain.iter_mut().for_each(|row| (row.preference, row.evaluation) = (None, Default::default()));
    parts(&plain, &["Loss", "height=\"320\""], &["Rewards", "Accuracy", "held out"]);
    parts(&plain[..1], &["Loss"], &[]);
}

#[test]
fn what_is_no_number_is_left_out_and_many_rows_are_thinned() {
    let mut rows = rows(50_000);
    rows[7].loss = f64::NAN;
    rows[8].loss = f64::INFINITY;
    let drawing = svg(&rows).unwrap();
    assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
    assert!(drawing.len() < 200_000, "{} bytes", drawing.len());
    let line = Line::new("loss", &rows, |row| Some(row.loss)).unwrap();
    assert_eq!(line.points.last().unwrap().0, 50_000.0);
    for nothing in [&[][..], &[Metrics { loss: f64::NAN, ..Metrics::default() }]] {
        assert!(matches!(svg(nothing), Err(TrainError::Drawing(_))));
    }
}

#[test]
fn a_drawing_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("metrics.svg");
    draw(&rows(60), &file).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), svg(&rows(60)).unwrap());
    assert!(matches!(draw(&rows(3), &folder.path().join("none/metrics.svg")), Err(TrainError::Io { .. })));
}
