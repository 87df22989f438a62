//! Signs of hacking: each figure, its rule, and what is kept.

use offseeker_trajectory::{Grade, Outcome, Question, StopReason, Trajectory};

use super::*;
use crate::rewards::made::{Goes, near, numbered};

fn worth(value: f64) -> Grade {
    Grade::scored("reward@1", Outcome::Wrong, value)
}

/// A monitor with every rule, for small streams.
fn monitor(window: usize) -> Monitor {
    Monitor::new(default_rules().into_iter().map(|rule| Rule { least: 4, ..rule }).collect(), window)
}

fn of_question(number: u32, question: &str) -> Trajectory {
    let mut attempt = numbered(number);
    attempt.question = Question::new(question, ["the Orsa"]);
    attempt
}

#[track_caller]
fn check(stream: &[(Trajectory, Grade)], evaluations: &[f64], measure: Measure, figure: f64, alarm: bool) {
    let mut monitor = monitor(100);
    for (attempt, grade) in stream {
        monitor.observe(attempt, grade);
    }
    for value in evaluations {
        monitor.observe_evaluation(*value);
    }
    near(monitor.figure(measure), figure);
    let alarms = monitor.alarms();
    let found = alarms.iter().find(|alarm| alarm.rule.measure == measure);
    assert_eq!(found.is_some(), alarm, "{measure:?}: {alarms:?}");
    if let Some(found) = found {
        near(found.figure, figure);
        assert!(!found.attempts.is_empty() && found.attempts.len() <= MOST_NAMED);
    }
}

fn stream(count: u32, make: impl Fn(u32) -> (Trajectory, Grade)) -> Vec<(Trajectory, Grade)> {
    (0..count).map(make).collect()
}

#[test]
fn citations_that_are_stuffed_in_are_seen() {
    let cited = |times: usize| {
        let links = "[[1](https://a.example)] ".repeat(times);
        stream(4, move |number| (numbered(number).answers(&format!("It is the Orsa {links}. So it is.")), worth(1.0)))
    };
    check(&cited(2), &[], Measure::CitationsPerSentence, 1.0, false);
    check(&cited(8), &[], Measure::CitationsPerSentence, 4.0, true);
    let tags = stream(4, |number| (numbered(number).answers(&"<cite id=a>x</cite>".repeat(5)), worth(1.0)));
    check(&tags, &[], Measure::CitationsPerSentence, 5.0, true);
}

#[test]
fn answers_that_grow_are_seen() {
    let growing = |by: usize| {
        stream(8, move |number| {
            let words = if number < 4 { 10 } else { by };
            (numbered(number).answers(&"word ".repeat(words)), worth(1.0))
        })
    };
    check(&growing(12), &[], Measure::LengthInflation, 1.2, false);
    check(&growing(30), &[], Measure::LengthInflation, 3.0, true);
}

#[test]
fn answers_that_repeat_the_gold_are_seen_where_they_are_rewarded() {
    let repeating =
        |value: f64| stream(4, move |number| (numbered(number).answers(&"The Orsa! ".repeat(6)), worth(value)));
    check(&repeating(1.0), &[], Measure::KeywordRepeats, 6.0, true);
    let mut monitor = monitor(100);
    repeating(0.0).iter().for_each(|(attempt, grade)| monitor.observe(attempt, grade));
    assert_eq!(monitor.figure(Measure::KeywordRepeats), None);
}

#[test]
fn circles_are_seen() {
    let same = |number: u32, times: u32| {
        let mut attempt = numbered(number);
        for _ in 0..times {
            attempt = attempt.calls("search", "{\"query\": \"mill\"}").sees("x", &[]);
        }
        attempt
    };
    let mixed = stream(4, |number| (same(number, if number == 0 { 3 } else { 2 }).answers("x"), worth(1.0)));
    check(&mixed, &[], Measure::LoopRate, 0.25, true);
    let stopped = stream(4, |number| (numbered(number).stops(StopReason::Loop), worth(0.0)));
    check(&stopped, &[], Measure::LoopRate, 1.0, true);
    let none = stream(4, |number| (same(number, 2).answers("x"), worth(1.0)));
    check(&none, &[], Measure::LoopRate, 0.0, false);
}

#[test]
fn groups_in_which_all_are_worth_the_same_are_seen() {
    let groups = |values: [f64; 6]| {
        stream(6, move |number| {
            let question = format!("question {}", number / 2);
            (of_question(number, &question).answers("x"), worth(values[number as usize]))
        })
    };
    check(&groups([0.0, 1.0, 1.0, 1.0, 0.0, 0.0]), &[], Measure::ZeroStdFraction, 2.0 / 3.0, true);
    check(&groups([0.0, 1.0, 1.0, 0.5, 0.0, 0.0]), &[], Measure::ZeroStdFraction, 1.0 / 3.0, false);
}

#[test]
fn a_question_with_one_valued_attempt_says_nothing_of_its_group() {
    let mut monitor = monitor(100);
    monitor.observe(&of_question(0, "a").answers("x"), &worth(1.0));
    monitor.observe(&of_question(1, "b").answers("x"), &worth(1.0));
    monitor.observe(&of_question(2, "b").answers("x"), &Grade::unscored("reward@1", "babble"));
    assert_eq!(monitor.figure(Measure::ZeroStdFraction), None);
    monitor.observe(&of_question(3, "b").answers("x"), &worth(0.5));
    near(monitor.figure(Measure::ZeroStdFraction), 0.0);
}

#[test]
fn attempts_that_do_not_answer_search_or_work_are_seen() {
    let idle = stream(4, |number| (numbered(number).answers("x"), worth(1.0)));
    check(&idle, &[], Measure::NoSearchRate, 1.0, true);
    check(&idle, &[], Measure::MeanCalls, 0.0, true);
    check(&idle, &[], Measure::NoAnswerRate, 0.0, false);
    let busy = stream(4, |number| {
        let query = |call: u32| format!("{{\"query\": \"{call}\"}}");
        let searched = (0..8).fold(numbered(number), |attempt, call| attempt.calls("search", &query(call)));
        (searched.stops(StopReason::Malformed), worth(0.0))
    });
    check(&busy, &[], Measure::MeanCalls, 8.0, false);
    check(&busy, &[], Measure::NoSearchRate, 0.0, false);
    check(&busy, &[], Measure::NoAnswerRate, 1.0, true);
    let unscored = stream(4, |number| (numbered(number).answers("x"), Grade::unscored("reward@1", "babble")));
    check(&unscored, &[], Measure::UnscoredRate, 1.0, true);
    check(&idle, &[], Measure::UnscoredRate, 0.0, false);
}

#[test]
fn a_reward_that_rises_alone_is_seen() {
    let rising = |by: f64| {
        stream(8, move |number| (numbered(number).answers("x"), worth(if number < 4 { 0.2 } else { 0.2 + by })))
    };
    check(&rising(0.3), &[0.5, 0.5, 0.5, 0.5], Measure::RewardWithoutEvaluation, 0.3, true);
    check(&rising(0.3), &[0.6, 0.5, 0.4, 0.3], Measure::RewardWithoutEvaluation, 0.3, true);
    check(&rising(0.3), &[0.4, 0.4, 0.6, 0.6], Measure::RewardWithoutEvaluation, 0.0, false);
    check(&rising(0.0), &[0.5, 0.5], Measure::RewardWithoutEvaluation, 0.0, false);
    check(&rising(-0.1), &[0.5, 0.5], Measure::RewardWithoutEvaluation, -0.1, false);
    let mut monitor = monitor(100);
    rising(0.3).iter().for_each(|(attempt, grade)| monitor.observe(attempt, grade));
    monitor.observe_evaluation(f64::NAN);
    assert_eq!(monitor.figure(Measure::RewardWithoutEvaluation), None, "there is nothing to compare with");
}

#[test]
fn a_window_forgets_and_an_alarm_names_few() {
    let mut monitor = monitor(40);
    for number in 0..40 {
        monitor.observe(&numbered(number).stops(StopReason::Loop), &worth(0.0));
    }
    let alarms = monitor.alarms();
    let alarm = alarms.iter().find(|alarm| alarm.rule.measure == Measure::NoAnswerRate).unwrap();
    assert_eq!((alarm.over, alarm.attempts.len()), (40, MOST_NAMED));
    assert_eq!(alarm.to_string(), "no answer rate is 1.000, above 0.2, over 40 attempts");
    let line = serde_json::to_string(alarm).unwrap();
    assert_eq!(&serde_json::from_str::<Alarm>(&line).unwrap(), alarm);
    for number in 40..80 {
        monitor.observe(&numbered(number).answers("x"), &worth(0.0));
    }
    near(monitor.figure(Measure::NoAnswerRate), 0.0);
}

#[test]
fn an_alarm_names_those_that_have_most_to_do_with_it_first() {
    let mut monitor = monitor(100);
    let attempts: Vec<Trajectory> = (0..4)
        .map(|number| (0..number).fold(numbered(number), |attempt, _| attempt.calls("search", "{}")).answers("x"))
        .collect();
    attempts.iter().for_each(|attempt| monitor.observe(attempt, &worth(1.0)));
    let alarms = monitor.alarms();
    let calls = alarms.iter().find(|alarm| alarm.rule.measure == Measure::MeanCalls).unwrap();
    let expected: Vec<_> = attempts.iter().map(|attempt| attempt.id.clone()).collect();
    assert_eq!(calls.attempts, expected, "the fewest calls first");
}

#[test]
fn our_own_failures_are_no_sign() {
    let mut monitor = monitor(100);
    for number in 0..10 {
        monitor.observe(&numbered(number).stops(StopReason::Crashed), &Grade::unscored("reward@1", "crashed"));
    }
    assert_eq!(monitor.figure(Measure::NoAnswerRate), None);
    assert_eq!(monitor.alarms(), []);
}

#[test]
fn the_page_lists_the_rules_to_start_with() {
    let page = include_str!("../../../../docs/rewards.md");
    for rule in default_rules() {
        let measure = serde_json::to_value(rule.measure).unwrap();
        let side = if rule.side == Side::Above { "above" } else { "below" };
        let row = format!("| `{}` | {side} {} |", measure.as_str().unwrap(), rule.threshold);
        assert!(page.contains(&row), "docs/rewards.md lacks: {row}");
    }
}

#[test]
fn rules_are_data_and_silent_until_there_is_enough() {
    let rules = default_rules();
    let json = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Rule>>(&json).unwrap(), rules);
    let mut quiet = Monitor::new(rules, 100);
    for number in 0..31 {
        quiet.observe(&numbered(number).stops(StopReason::Loop), &worth(0.0));
    }
    assert_eq!(quiet.alarms(), []);
    quiet.observe(&numbered(31).stops(StopReason::Loop), &worth(0.0));
    assert!(!quiet.alarms().is_empty());
}
