//! Which attempts become pairs, and what of them counts.

use offseeker_curation::{CutRules, Digest, PairRules, Pairing, Pairs, Ranking, Refusal, pair_up};
use offseeker_trajectory::{Body, Grade, Limit, Outcome, Pair, Role, Sample, StopReason, ToolSpec, TrajectoryId};
use serde_json::json;

use crate::made::{Made, digest_of, good, wrong};

fn paired(made: &[Made], rules: &PairRules) -> (Vec<(u32, u32)>, Vec<Refusal>) {
    let digests: Vec<Digest> = made.iter().map(|made| digest_of(&made.make())).collect();
    let pairs = pair_up(&digests, rules);
    let number = |id: &TrajectoryId| digests.iter().find(|digest| digest.attempt == *id).unwrap().number;
    let mut refused: Vec<Refusal> = pairs.refused.iter().map(|refused| refused.reason).collect();
    refused.sort_unstable();
    (pairs.planned.iter().map(|pair| (number(&pair.chosen), number(&pair.rejected))).collect(), refused)
}

#[track_caller]
fn check(made: &[Made], rules: &PairRules, expected: &[(u32, u32)], refused: &[Refusal]) {
    let (pairs, reasons) = paired(made, rules);
    assert_eq!((&pairs[..], &reasons[..]), (expected, refused));
}

fn four() -> Vec<Made> {
    vec![good(0), wrong(1), wrong(2), good(3)]
}

#[test]
fn the_best_are_paired_with_the_worst() {
    // Equal attempts are told apart by their ids, of which 3 has the smaller than 0.
    let rules = PairRules::default();
    let (pairs, refused) = paired(&four(), &rules);
    assert_eq!(refused, []);
    assert!(
        pairs.len() == 2 && pairs.iter().all(|(chosen, rejected)| [0, 3].contains(chosen) && [1, 2].contains(rejected))
    );
    assert!(pairs[0].0 != pairs[1].0 && pairs[0].1 != pairs[1].1);
    assert_eq!(paired(&four(), &PairRules { pairing: Pairing::Crossed, ..rules.clone() }).0.len(), 4);
    let ranking = Ranking::Grader { grader: "group@1".to_owned() };
    let ranked: Vec<Made> = four()
        .into_iter()
        .zip([0.7, 0.3, 0.1, 0.9])
        .map(|(made, value)| {
            made.with(|made| {
                made.grades.push(Grade {
                    outcome: made.grades[0].outcome.clone(),
                    ..Grade::scored("group@1", Outcome::Wrong, value)
                });
            })
        })
        .collect();
    check(&ranked, &PairRules { ranking, ..rules }, &[(3, 2), (0, 1)], &[]);
}

#[test]
fn questions_that_tell_nothing_are_skipped() {
    let rules = PairRules::default();
    check(&[good(0), good(1), good(2), good(3)], &rules, &[], &[Refusal::AllRight]);
    check(&[wrong(0), wrong(1), wrong(2), wrong(3)], &rules, &[], &[Refusal::AllWrong]);
    check(&[good(0), wrong(1), wrong(2)], &rules, &[], &[Refusal::FewAttempts]);
    check(&[], &rules, &[], &[]);
    let unscored = good(4).with(|made| made.grades.clear());
    check(&[good(0), wrong(1), wrong(2), unscored], &rules, &[], &[Refusal::FewAttempts, Refusal::Unscored]);
}

#[test]
fn failures_of_the_infrastructure_and_full_windows_are_no_negatives() {
    let rules = PairRules { each_side: 1, ..PairRules::default() };
    let cancelled = wrong(5).with(|made| (made.stop, made.answer) = (Some(StopReason::Cancelled), None));
    let full = wrong(6).with(|made| {
        (made.stop, made.answer) = (Some(StopReason::Limit { which: Limit::Context }), None);
    });
    let worse = wrong(1).with(|made| made.calls.truncate(9));
    let all = [good(0), worse, good(2).with(|made| made.calls.truncate(9)), cancelled, full];
    let (pairs, refused) = paired(&all, &rules);
    assert_eq!((pairs[0].1, &refused[..]), (1, &[Refusal::Infrastructure][..]));
    let (pairs, _) = paired(&all, &PairRules { full_window: true, ..rules });
    assert_eq!(pairs[0].1, 6);
}

#[test]
fn pairs_that_would_teach_the_wrong_thing_are_refused() {
    let one = PairRules { each_side: 1, ..PairRules::default() };
    let with = |change: fn(&mut Made)| vec![good(0).with(change), wrong(1), wrong(2), wrong(3)];
    check(&with(|made| made.tokens = 50_000), &one, &[], &[Refusal::TooLong, Refusal::ChosenWrong]);
    check(&with(|made| made.tokens = 15_001), &one, &[], &[Refusal::LengthRatio]);
    check(&with(|made| made.tokens = 1_666), &one, &[], &[Refusal::LengthRatio]);
    let hide: fn(&mut Made) = |made| made.calls.iter_mut().for_each(|call| call.shown = "Nothing.".to_owned());
    check(&with(hide), &one, &[], &[Refusal::ChosenUngrounded]);
    check(&with(|_| ()), &PairRules { least_margin: 0.7, ..one.clone() }, &[], &[Refusal::SmallMargin]);
    let second = PairRules::default();
    let (pairs, refused) = paired(&with(|_| ()), &second);
    assert_eq!((pairs.len(), &refused[..]), (1, &[Refusal::ChosenWrong][..]));
}

fn planned(made: &[Made; 4]) -> Pairs {
    let digests: Vec<Digest> = made.iter().map(|made| digest_of(&made.make())).collect();
    pair_up(&digests, &PairRules { each_side: 1, ..PairRules::default() })
}

fn cut(made: &[Made; 4]) -> Result<Pair, Refusal> {
    let pairs = planned(made);
    let of = |id: &TrajectoryId| made.iter().map(Made::make).find(|attempt| attempt.id == *id).unwrap();
    let plan = &pairs.planned[0];
    plan.cut(&of(&plan.chosen), &of(&plan.rejected), &PairRules::default(), None)
}

fn weights(sample: &Sample) -> Vec<(Role, f32)> {
    match &sample.body {
        Body::Messages { messages, .. } => messages.iter().map(|it| (it.message.role, it.weight)).collect(),
        Body::Tokens(_) => panic!("messages were expected"),
    }
}

#[test]
fn what_both_begin_with_does_not_count_and_where_they_part_is_written_down() {
    // All begin with the same two calls and what came of them.
    let begin = good(7).calls[..2].to_vec();
    let share = |made: Made| made.with(|made| made.calls.splice(..2, begin.clone()).for_each(drop));
    let made = [share(good(0)), share(wrong(1)), share(wrong(2)), share(wrong(3))];
    let pair = cut(&made).unwrap();
    assert_eq!(pair.fork, 6, "instructions, question, two calls and two results");
    assert!(pair.margin.unwrap() > 0.5);
    for sample in [&pair.chosen, &pair.rejected] {
        let weights = weights(sample);
        assert!(weights[..6].iter().all(|(_, weight)| *weight == 0.0));
        assert!(weights[6..].iter().all(|(role, weight)| (*role == Role::Assistant) == (*weight == 1.0)));
        assert_eq!(weights[6].0, Role::Assistant);
    }
}

#[test]
fn attempts_that_part_in_what_a_tool_said_part_at_the_turn_before() {
    let mut begin = good(7).calls[..1].to_vec();
    let first = good(0).with(|made| made.calls[0] = begin[0].clone());
    begin[0].shown.push_str(" It was different that day.");
    let share = |made: Made| made.with(|made| made.calls[0] = begin[0].clone());
    let pair = cut(&[first, share(wrong(1)), share(wrong(2)), share(wrong(3))]).unwrap();
    assert_eq!(pair.fork, 2);
    let weights = weights(&pair.chosen);
    assert_eq!((weights[2], weights[4]), ((Role::Assistant, 0.0), (Role::Assistant, 1.0)));
}

#[test]
fn attempts_of_which_one_was_asked_for_its_first_turn_again_part_at_that_turn() {
    let made = [good(0).with(|made| made.calls[0].resampled = true), wrong(1), wrong(2), wrong(3)];
    assert_eq!(cut(&made).unwrap().fork, 2);
    let pairs = planned(&made);
    let of = |id: &TrajectoryId| made.iter().map(Made::make).find(|attempt| attempt.id == *id).unwrap();
    let rules = PairRules { cut: CutRules::default(), ..PairRules::default() };
    let plan = &pairs.planned[0];
    assert_eq!(plan.cut(&of(&plan.chosen), &of(&plan.rejected), &rules, None), Err(Refusal::NoTurn));
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let made = [good(0), wrong(1), wrong(2), wrong(3)];
    let pairs = planned(&made);
    let (chosen, other) = (good(0).make(), good(4).make());
    let rules = PairRules::default();
    assert_eq!(pairs.planned[0].cut(&chosen, &other, &rules, None), Err(Refusal::OtherAttempt));
    let mut rejected = made.iter().map(Made::make).find(|it| it.id == pairs.planned[0].rejected).unwrap();
    rejected.tools = vec![ToolSpec::new("visit", "", json!({}))];
    assert_eq!(pairs.planned[0].cut(&chosen, &rejected, &rules, None), Err(Refusal::OtherTools));
}

#[test]
fn a_report_counts_pairs_and_refusals() {
    let report = planned(&[good(0), wrong(1), wrong(2), wrong(3).with(|made| made.grades.clear())]).report();
    assert_eq!((report.questions, report.paired, report.pairs), (1, 0, 0));
    let text = report.to_string();
    assert!(text.contains("question: few_attempts") && text.contains("attempt: unscored"), "{text}");
}
