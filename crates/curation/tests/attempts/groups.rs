//! How attempts at a question are weighed against each other.

use offseeker_curation::{Advantage, CurationError, Digest, GroupRules, Reward};
use offseeker_trajectory::{Grade, Group, Outcome, StopReason, Trajectory};

use crate::made::{Made, digest_of, good, wrong};

fn group(made: &[Made], rules: &GroupRules) -> Result<Group, CurationError> {
    let attempts: Vec<Trajectory> = made.iter().map(Made::make).collect();
    let digests: Vec<Digest> = attempts.iter().map(digest_of).collect();
    rules.group(&attempts.iter().zip(&digests).collect::<Vec<_>>())
}

#[track_caller]
fn check(made: &[Made], rules: &GroupRules, expected: &[(Option<f64>, Option<f64>)]) {
    let group = group(made, rules).unwrap();
    let round = |number: Option<f64>| number.map(|number| (number * 1e4).round() / 1e4);
    let found: Vec<_> = group.members.iter().map(|member| (round(member.reward), round(member.advantage))).collect();
    assert_eq!(found, expected);
}

#[test]
fn members_have_rewards_and_advantages() {
    let made = [good(0), wrong(1), wrong(2), good(3), good(4)];
    let rule = |advantage| GroupRules { advantage, ..GroupRules::default() };
    let (one, nought) = (Some(1.0), Some(0.0));
    let (plus, minus) = (Some(0.7303), Some(-1.0954));
    check(&made, &rule(Advantage::Grpo), &[(one, plus), (nought, minus), (nought, minus), (one, plus), (one, plus)]);
    let unscored = good(5).with(|made| made.grades.clear());
    let failed = wrong(6).with(|made| made.stop = Some(StopReason::Crashed));
    let expected = [(one, Some(0.5)), (nought, Some(-0.5)), (None, None), (None, None)];
    check(&[good(0), wrong(1), unscored, failed], &rule(Advantage::DrGrpo), &expected);
    check(&[good(0), good(1)], &rule(Advantage::Rloo), &[(one, nought), (one, nought)]);
    // Eleven turns each.
    let (plus, minus) = (Some(0.0643), Some(-0.0643));
    check(&[good(0), wrong(1)], &rule(Advantage::ByLength), &[(one, plus), (nought, minus)]);
}

#[test]
fn rubrics_and_parts_make_rewards() {
    let rubric = |made: Made, value: f64| {
        made.with(|made| {
            made.grades.push(Grade {
                outcome: made.grades[0].outcome.clone(),
                ..Grade::scored("rubric@1", Outcome::Wrong, value)
            });
        })
    };
    let made = [rubric(good(0), 0.5), rubric(good(1), 0.25), rubric(wrong(2), 0.75), rubric(good(3), 0.0)];
    let reward = Reward::RankedByRubric { grader: "rubric@1".to_owned(), share: 0.3 };
    let rules = GroupRules { reward, advantage: Advantage::DrGrpo, ..GroupRules::default() };
    let expected = [(Some(0.9), Some(0.3)), (Some(0.8), Some(0.2)), (Some(0.0), Some(-0.6)), (Some(0.7), Some(0.1))];
    check(&made, &rules, &expected);

    let parts = |made: Made, length: f64, quality: f64| {
        made.with(|made| {
            made.grades[0].components = [("length".to_owned(), length), ("quality".to_owned(), quality)].into();
        })
    };
    let names = vec!["length".to_owned(), "quality".to_owned()];
    let reward = Reward::Parts { grader: "exact@1".to_owned(), parts: names };
    let rules = GroupRules { reward, advantage: Advantage::DrGrpo, ..GroupRules::default() };
    let expected = [(Some(0.6), Some(0.2)), (Some(0.2), Some(-0.2)), (None, None)];
    check(&[parts(good(0), 1.0, 0.2), parts(good(1), 0.0, 0.4), good(2)], &rules, &expected);
}

#[test]
fn what_does_not_belong_together_is_no_group() {
    let other = good(1).with(|made| made.question = "Which sea?".to_owned());
    let failed = group(&[good(0), other], &GroupRules::default()).unwrap_err().to_string();
    assert!(failed.contains("at another question"), "{failed}");
    assert!(group(&[], &GroupRules::default()).is_err());
}
