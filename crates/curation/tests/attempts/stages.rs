//! Why attempts pass the stages, and why not.

use offseeker_curation::stage::{Correctness, Preference};
use offseeker_curation::{Band, Bands, Comparison, Digest, Reason, Recipe, Report, Stage, Verdict, difficulty, select};
use offseeker_trajectory::{CallStatus, Correction, Grade, Limit, Outcome, Repair, StopReason};

use crate::made::{Made, THOUGHT, call, digest_of, good, wrong};

fn digests(made: &[Made]) -> Vec<Digest> {
    made.iter().map(|made| digest_of(&made.make())).collect()
}

#[track_caller]
fn check(change: impl FnOnce(&mut Made), stage: Stage, reason: Reason) {
    let selection = select(&digests(&[good(0).with(change)]), &Recipe::default());
    let found: Vec<_> = selection.dropped.iter().map(|dropped| (dropped.stage, dropped.reason)).collect();
    assert_eq!(found, [(Some(stage), reason)]);
}

#[test]
fn a_good_attempt_passes() {
    assert_eq!(select(&digests(&[good(0)]), &Recipe::default()).kept.len(), 1);
}

#[test]
fn attempts_that_are_not_whole_are_dropped() {
    let of = Stage::Integrity;
    check(|made| made.stop = None, of, Reason::Unfinished);
    check(|made| made.stop = Some(StopReason::ModelFailure { reason: String::new() }), of, Reason::Infrastructure);
    check(|made| made.stop = Some(StopReason::ForcedAnswer { why: Limit::Turns }), of, Reason::Ended);
    check(|made| made.answer = Some(" ".to_owned()), of, Reason::NoAnswer);
    check(|made| made.calls[2].repair = Repair::Json5, of, Reason::Repaired);
    check(|made| made.calls[2].note = Some(Correction::Silent), of, Reason::SilentTurn);
    check(|made| made.tokens = 131_073, of, Reason::TooLong);
}

#[test]
fn attempts_that_are_not_known_to_be_right_are_dropped() {
    let of = Stage::Correctness;
    check(|made| made.grades = wrong(0).grades, of, Reason::Wrong);
    check(|made| made.grades.clear(), of, Reason::Unscored);
    check(|made| made.grades = vec![Grade::unscored("judge@1", "the judge said nothing")], of, Reason::Unscored);
    check(|made| made.grades.push(Grade::scored("judge@1", Outcome::Wrong, 0.0)), of, Reason::Wrong);
}

#[test]
fn answers_without_grounds_are_dropped() {
    let of = Stage::Grounding;
    let hide = |made: &mut Made| made.calls.iter_mut().for_each(|call| call.shown = call.shown.replace("Orsa", "sea"));
    check(hide, of, Reason::AnswerUnseen);
    let no_visit = |made: &mut Made| {
        made.calls.iter_mut().for_each(|call| (call.name, call.sources) = ("search", Vec::new()));
    };
    check(no_visit, of, Reason::FewVisits);
    let invent =
        |made: &mut Made| made.calls[1].arguments = "{\"url\": \"https://a.example https://b.example\"}".into();
    check(invent, of, Reason::InventedAddresses);
}

#[test]
fn attempts_with_too_little_or_the_wrong_effort_are_dropped() {
    let of = Stage::Effort;
    check(|made| made.calls.truncate(7), of, Reason::FewCalls);
    check(|made| made.calls.extend((200..400).map(call)), of, Reason::ManyCalls);
    check(
        |made| made.calls[3..7].iter_mut().for_each(|call| call.status = CallStatus::NotFound),
        of,
        Reason::FailedCalls,
    );
    check(|made| made.calls.extend([call(9), call(9), call(9)]), of, Reason::RepeatedCalls);
    check(|made| made.calls[3].note = Some(Correction::Circling), of, Reason::Circling);
    check(|made| made.calls[3].thought = "Go on.".to_owned(), of, Reason::ShortThoughts);
    check(|made| made.calls[3].thought = THOUGHT.repeat(200), of, Reason::LongThoughts);
    let chinese = |made: &mut Made| {
        made.calls[..3].iter_mut().for_each(|call| call.thought = "这座磨坊位于哪条河上呢，我先查一查地图".to_owned());
    };
    check(chinese, of, Reason::SwitchedLanguage);
}

#[test]
fn what_nobody_should_learn_is_dropped() {
    let of = Stage::Diversity;
    check(|made| made.calls[3].thought.push_str(" ada@karlin.example"), of, Reason::Secrets);
    check(|made| made.calls[0].thought.push_str(" It is the Orsa."), of, Reason::ClosedBook);
}

/// The numbers of the attempts that are kept, and the reasons of the others in their order.
#[track_caller]
fn check_kept(made: &[Made], recipe: &Recipe, expected: &[u32], reasons: &[Reason]) {
    let digests = digests(made);
    let selection = select(&digests, recipe);
    let mut kept: Vec<u32> =
        digests.iter().filter(|digest| selection.has(&digest.attempt)).map(|digest| digest.number).collect();
    kept.sort_unstable();
    kept.dedup();
    assert_eq!(kept, expected);
    let mut found: Vec<Reason> = selection.dropped.iter().map(|dropped| dropped.reason).collect();
    found.sort_unstable();
    assert_eq!(found, reasons);
}

#[test]
fn the_best_attempts_at_a_question_stay() {
    let slow = good(1).with(|made| made.calls.extend((150..155).map(call)));
    let untidy = good(2).with(|made| made.calls[3].status = CallStatus::NotFound);
    let all = [good(0), slow, untidy, good(3)];
    check_kept(&all, &Recipe::default(), &[0, 3], &[Reason::EnoughOfQuestion; 2]);
    let mut recipe = Recipe::default();
    recipe.diversity.most_per_question = 1;
    recipe.diversity.prefer = vec![Preference::MoreCalls];
    check_kept(&all, &recipe, &[1], &[Reason::EnoughOfQuestion; 3]);
    check_kept(&all, &Recipe::cleanest(3), &[0, 1, 3], &[Reason::EnoughOfQuestion]);
}

#[test]
fn attempts_that_do_nearly_the_same_collapse_to_the_best() {
    // The same calls but for the last one of thirty, at another question.
    let long = |number: u32| good(number).with(|made| made.calls = (100..130).map(call).collect());
    let copy = long(1).with(|made| {
        made.question = "Which river drives the mill of Karlin?".to_owned();
        made.calls[29] = call(900);
        made.calls[28].shown.push_str(&crate::made::url(900));
        made.calls[28].status = CallStatus::NotFound;
    });
    let mut recipe = Recipe::default();
    recipe.grounding.most_invented = 1.0;
    check_kept(&[long(0), copy.clone()], &recipe, &[0], &[Reason::NearDuplicate]);
    recipe.diversity.near_duplicate = None;
    check_kept(&[long(0), copy], &recipe, &[0, 1], &[]);
}

#[test]
fn stages_are_left_out_and_put_in_another_order() {
    let made = [wrong(0), good(1).with(|made| made.calls.truncate(3)), good(2)];
    check_kept(&made, &Recipe::openseeker_v2(8), &[0, 2], &[Reason::FewCalls]);
    let recipe = Recipe { stages: vec![Stage::Effort, Stage::Correctness], ..Recipe::default() };
    check_kept(&made, &recipe, &[2], &[Reason::Wrong, Reason::FewCalls]);
    check_kept(&made, &Recipe { stages: Vec::new(), ..Recipe::default() }, &[0, 1, 2], &[]);
    check_kept(&[good(0), good(0)], &Recipe::default(), &[0], &[Reason::SameAttempt]);
}

#[test]
fn graders_vote() {
    let grade = |name: &str, outcome: Outcome| Grade::scored(name, outcome, 0.0);
    let check = |grades: Vec<Grade>, correctness: &Correctness, expected: Verdict| {
        let digest = &digests(&[good(0).with(|made| made.grades = grades)])[0];
        assert_eq!(correctness.verdict(digest), expected);
    };
    let (right, wrong) = (Outcome::Correct, Outcome::Wrong);
    let unscored = || Grade::unscored("c@1", "");
    let all = Correctness::default();
    check(vec![grade("a@1", right.clone())], &all, Verdict::Right);
    check(vec![grade("a@1", right.clone()), unscored()], &all, Verdict::Right);
    check(vec![grade("a@1", right.clone()), grade("b@1", wrong.clone())], &all, Verdict::Wrong);
    let majority = vec![grade("a@1", right.clone()), grade("b@1", wrong), grade("d@1", right.clone())];
    check(majority.clone(), &all, Verdict::Right);
    check(majority.clone(), &Correctness { votes: 3, ..Correctness::default() }, Verdict::Wrong);
    check(majority.clone(), &Correctness::by("b"), Verdict::Wrong);
    check(majority.clone(), &Correctness::by("a@1"), Verdict::Right);
    check(majority, &Correctness::by("a@2"), Verdict::Unscored);
    check(vec![grade("a@1", Outcome::Malformed)], &all, Verdict::Wrong);
    check(vec![unscored()], &all, Verdict::Unscored);
}

#[test]
fn only_scored_attempts_say_how_hard_a_question_is() {
    let check = |made: &[Made], band: Band, scored: u32, few: bool| {
        let found = difficulty(&digests(made), &Correctness::default(), &Bands::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].band, found[0].scored, found[0].takes_few_calls), (band, scored, few));
    };
    let failed = |number| wrong(number).with(|made| made.stop = Some(StopReason::Cancelled));
    let unscored = |number| good(number).with(|made| made.grades.clear());
    check(&[good(0), good(1)], Band::Easy, 2, false);
    check(&[good(0), wrong(1)], Band::Learnable, 2, false);
    check(&[wrong(0), wrong(1), unscored(2)], Band::Hard, 2, false);
    check(&[good(0), failed(1), unscored(2)], Band::Easy, 1, false);
    check(&[failed(0), unscored(1)], Band::Unknown, 0, false);
    check(
        &[good(0).with(|made| made.calls.truncate(2)), wrong(1).with(|made| made.calls.truncate(3))],
        Band::Learnable,
        2,
        true,
    );
}

#[test]
fn a_report_says_what_came_of_it_and_is_compared() {
    let made =
        [good(0), wrong(1), good(2).with(|made| made.calls.truncate(3)), good(3).with(|made| made.grades.clear())];
    let digests = digests(&made);
    let recipe = Recipe::default();
    let report = Report::of(&digests, &recipe, &select(&digests, &recipe));
    let passed: Vec<(u64, u64)> = report.stages.iter().map(|stage| (stage.came, stage.passed)).collect();
    assert_eq!(passed, [(4, 4), (4, 2), (2, 2), (2, 1), (1, 1)]);
    assert_eq!((report.all.attempts, report.kept.attempts, report.kept.calls.mean), (4, 1, 10.0));
    let table = report.to_string();
    for line in ["attempts 4: 2 right, 1 wrong, 1 unscored", "few_calls", "1 of 4 attempts are unscored"] {
        assert!(table.contains(line), "{table}");
    }
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);

    let lenient = Recipe::openseeker_v2(2);
    let other = Report::of(&digests, &lenient, &select(&digests, &lenient));
    let comparison = Comparison::of(&report, &other);
    let change = comparison.changes["kept attempts"];
    assert_eq!((comparison.same_recipe, change.before, change.after), (false, 1.0, 2.0));
    assert!(comparison.to_string().contains("the recipes differ"));
}
