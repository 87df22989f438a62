//! A configuration that has changed: what hangs on the change is made anew, and nothing else.

use std::collections::BTreeSet;
use std::fs;

use offseeker_pipeline::{Config, Stage};

use crate::tiny::{config, made, run};

#[test]
fn what_hangs_on_a_change_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let report = || fs::read(folder.path().join("report.json")).unwrap();
    let check = |config: &Config, from: &[Stage]| {
        let (result, events) = run(config, folder.path());
        result.unwrap();
        assert_eq!(made(&events), BTreeSet::from_iter(from.iter().copied()));
    };
    check(&config(), &Stage::ALL);
    let first = report();
    check(&config(), &[]);
    assert_eq!(report(), first);

    // How many attempts are made at once changes no result.
    let mut other = config();
    other.evaluation.at_once = 3;
    other.attempts.at_once = 5;
    check(&other, &[Stage::Report]);

    let mut other = config();
    other.evaluation.sampled = 0.5;
    check(&other, &[Stage::Evaluation, Stage::Report]);

    let mut other = config();
    other.dpo.beta = 0.2;
    check(&other, &[Stage::Dpo, Stage::Evaluation, Stage::Report]);
    assert!(folder.path().join("aside/dpo/dpo/settings.json").exists());

    let mut other = config();
    other.filter.effort.most_calls = 3;
    let learning = [Stage::Samples, Stage::Sft, Stage::Rollouts, Stage::RolloutGrades, Stage::Pairs];
    check(&other, &[&learning[..], &[Stage::Dpo, Stage::Evaluation, Stage::Report]].concat());

    // The first configuration again: the same bytes.
    let (result, _) = run(&config(), folder.path());
    result.unwrap();
    assert_eq!(report(), first);
}
