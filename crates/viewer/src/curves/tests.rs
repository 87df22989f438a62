//! Rows of metrics, right and wrong.

use super::thin::MOST_POINTS;
use super::*;

fn read(text: &str) -> Result<Curves, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    std::fs::write(&path, text).unwrap();
    Curves::read("SFT", &path).map_err(|error| error.to_string())
}

#[test]
fn rows_become_curves() {
    let curves = read("{\"step\":1,\"loss\":\"NaN\",\"model\":\"x\"}\n\n{\"step\":3,\"loss\":2,\"evaluation\":{\"a\":\"inf\"}}\n{\"step\":3,\"loss\":1}\n").unwrap();
    assert_eq!(curves.rows, 3);
    assert_eq!(curves.series["loss"].points, [(1, None), (3, Some(1.0))]);
    assert_eq!(curves.series["evaluation/a"].points, [(3, None)]);
    assert!(!curves.series.contains_key("model") && !curves.series.contains_key("step"));
}

#[test]
fn what_a_kill_left_is_passed_over_and_what_is_damaged_is_named() {
    assert_eq!(read("{\"step\":1,\"loss\":2}\n{\"step\":2,\"lo").unwrap().rows, 1);
    assert_eq!(read("").unwrap().rows, 0);
    for (text, expected) in [
        ("{\"step\":1}\n{\"step\":2,\"lo\n{\"step\":3}\n", "line 2: it is no row"),
        ("{\"step\":1}\n{\"step\":2,\"lo\n", "line 2: it is no row"),
        ("{\"loss\":1}\n", "line 1: it has no number `step`"),
        ("[1]\n", "line 1: it is no row"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
    let many: String = (0..=MOST_NAMES).map(|name| format!(",\"n{name}\":1")).collect();
    assert!(read(&format!("{{\"step\":1{many}}}\n")).unwrap_err().contains("more than 1000 names"));
}

#[test]
fn a_long_curve_keeps_its_spikes() {
    let points: Vec<(u64, f64)> = (0..50_000).map(|step| (step, if step == 31_415 { 99.0 } else { 1.0 })).collect();
    let mut points = points;
    points[777].1 = f64::NAN;
    let curves = Curves::new("long", [("loss".to_owned(), points)]);
    let loss = &curves.series["loss"];
    assert_eq!(loss.measured, 50_000);
    assert!(loss.points.len() <= MOST_POINTS);
    assert!(loss.points.contains(&(31_415, Some(99.0))) && loss.points.contains(&(777, None)));
    assert!(loss.points.windows(2).all(|two| two[0].0 < two[1].0));
}
