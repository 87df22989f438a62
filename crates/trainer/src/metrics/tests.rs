//! Rows come back as they were written, and a run that goes on leaves no seam.

use std::path::Path;

use super::*;
use crate::TrainError;

fn row(step: u64) -> Metrics {
    Metrics { step, epoch: 0.5, loss: 1.0 / step as f64, tokens: step * 10, time: 1e9, ..Metrics::default() }
}

fn log_of(path: &Path, steps: u64) {
    let mut log = MetricsLog::open(path, 0).unwrap().0;
    for step in 1..=steps {
        log.append(&row(step)).unwrap();
    }
}

#[test]
fn a_row_is_flat_json_and_comes_back() {
    let pairs = [(0.5, -0.5), (-0.25, 0.25)].map(|(chosen, rejected)| PairReward {
        chosen,
        rejected,
        chosen_log_probability: -10.0,
        rejected_log_probability: f64::NEG_INFINITY,
    });
    let row = Metrics {
        gradient_norm: f64::INFINITY,
        peak_memory: Some(1 << 40),
        preference: PreferenceMetrics::mean(&pairs),
        evaluation: [("loss".to_owned(), 0.1 + 0.2)].into(),
        ..row(3)
    };
    let text = serde_json::to_string(&row).unwrap();
    for part in [
        r#""gradient_norm":"inf""#,
        r#""rewards/chosen":0.125,"#,
        r#""rewards/accuracies":0.5,"#,
        r#""rewards/margins":0.25,"#,
        r#""logps/rejected":"-inf""#,
        r#""evaluation":{"loss":0.30000000000000004}"#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), row);
    let text = serde_json::to_string(&Metrics::default()).unwrap();
    assert!(!text.contains("rewards") && !text.contains("evaluation") && !text.contains("peak_memory"), "{text}");
    assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), Metrics::default());
    assert_eq!(PreferenceMetrics::mean(&[]), None);
}

#[test]
fn a_run_that_goes_on_leaves_the_file_of_one_that_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, broken] = ["whole", "broken"].map(|name| folder.path().join(name));
    log_of(&whole, 9);
    log_of(&broken, 7);
    // A kill in the middle of a line.
    let mut text = std::fs::read(&broken).unwrap();
    text.extend_from_slice(br#"{"step":8,"ep"#);
    std::fs::write(&broken, text).unwrap();
    assert_eq!(read_metrics(&broken).unwrap().len(), 7);
    let (mut log, rows) = MetricsLog::open(&broken, 5).unwrap();
    assert_eq!(rows, [1, 2, 3, 4, 5].map(row));
    for step in 6..=9 {
        log.append(&row(step)).unwrap();
    }
    assert_eq!(std::fs::read(&broken).unwrap(), std::fs::read(&whole).unwrap());
    assert_eq!(read_metrics(&broken).unwrap(), (1..=9).map(row).collect::<Vec<_>>());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no draft is left");

    let refused = log.append(&row(9)).unwrap_err();
    assert!(matches!(refused, TrainError::Mismatch { .. }), "{refused}");
}

#[test]
fn a_file_of_something_else_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let long = [vec![b' '; 2 << 20], b"\n".to_vec()].concat();
    let cases: [(&[u8], &str); 4] = [
        (b"{\"step\":1}\nnot json\n", "line 2: is no row"),
        (b"{\"step\":2}\n{\"step\":2}\n", "line 2: step 2 comes after step 2"),
        (b"{\"step\":1,\"loss\":\"high\"}\n", "line 1: is no row"),
        (&long, "line 1"),
    ];
    for (text, expected) in cases {
        std::fs::write(&path, text).unwrap();
        for said in [MetricsLog::open(&path, 9).map(|_| ()), read_metrics(&path).map(|_| ())] {
            let said = said.unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), text);
    }
    assert!(matches!(read_metrics(&folder.path().join("none")), Err(TrainError::Io { .. })));
}

#[test]
fn the_peak_of_memory_is_known_on_linux_and_grows() {
    if cfg!(not(target_os = "linux")) {
        return;
    }
    let before = peak_memory().unwrap();
    let large = vec![1_u8; 64 << 20];
    assert!(large.iter().step_by(4096).all(|byte| *byte == 1));
    assert!(peak_memory().unwrap() >= before.max(64 << 20));
}

#[test]
fn rows_of_two_runs_are_compared_without_time() {
    let other = Metrics { time: 2e9, tokens_per_second: 7.0, peak_memory: Some(1), ..row(3) };
    assert_ne!(other, row(3));
    assert_eq!(other.timeless(), row(3).timeless());
    assert_ne!(row(4).timeless(), row(3).timeless());
}
