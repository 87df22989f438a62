//! What is lost through no fault of an attempt is made anew, counted, and refused where that is said.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use offseeker_chat::{ChatError, Scripted};
use offseeker_evaluation::runs::{Event, Watcher};
use offseeker_evaluation::{Benchmark, Contestant, Evaluation, EvaluationError, Policy};
use offseeker_grading::run::Regrade;
use offseeker_trajectory_store::{InMemory, RunStore};

use crate::world::{agent, benchmark, evaluation, judge, looker, number, questions, reply};

/// A model that fails so many times at each question with this number or a lower one, before it answers.
fn failing(below: u32, times: u32) -> Scripted {
    let failed = Mutex::new(BTreeMap::new());
    Scripted::by(move |request| {
        let number = number(&request);
        let mut failed = failed.lock().unwrap();
        let count = failed.entry(number).or_insert(0);
        *count += 1;
        if number < below && *count <= times {
            return Err(ChatError::Transient { reason: "out of reach".to_owned() });
        }
        reply("<answer>the Orsa</answer>")
    })
}

fn with(model: Scripted) -> Evaluation {
    let contestant = Contestant::of("ours", 7, agent(Arc::new(model))).unwrap();
    evaluation(benchmark(10), Arc::new(InMemory::new())).between(contestant)
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_made_anew_as_often_as_the_policy_says() {
    let check = async |times: u32, retries: u32, failed: usize, sound: bool| {
        let mut evaluation = with(failing(3, times));
        evaluation.policy.retries = retries;
        let told = Arc::new(AtomicU32::new(0));
        let retried = told.clone();
        evaluation.watcher = Watcher::new(move |event| {
            if let Event::Retrying { contestant: "ours", lost: 3 } = event {
                retried.fetch_add(1, Ordering::Relaxed);
            }
        });
        let report = evaluation.run().await.unwrap();
        let standing = &report.standings[0];
        assert_eq!((standing.lost.failed, report.is_sound()), (failed, sound), "{times} failures, {retries} retries");
        assert_eq!(standing.lines[0].figures.counts.unscored, failed);
        assert_eq!(standing.lines[0].figures.counts.attempts, 10);
        assert_eq!(told.load(Ordering::Relaxed), times.min(retries));
    };
    check(1, 2, 0, true).await;
    check(2, 2, 0, true).await;
    check(1, 0, 3, false).await;
    check(9, 2, 3, false).await;
}

#[tokio::test(start_paused = true)]
async fn too_many_that_are_lost_are_marked_or_refused() {
    let mut evaluation = with(failing(3, u32::MAX));
    let report = evaluation.run().await.unwrap();
    let said = report.to_string();
    assert!(said.contains("**The figures of ours do not stand: 30.0 % of its attempts were lost.**"), "{said}");
    assert!(said.contains("made anew 2 times; up to 10.0 % may be lost"), "{said}");
    evaluation.policy = Policy { refuses: true, ..Policy::default() };
    let error = evaluation.report().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "3 of 10 attempts of `ours` failed through no fault of their own or could not be graded, where the policy lets \
         10.0 % be lost; mend that and run it again"
    );
    evaluation.policy.most_lost = 0.3;
    assert!(evaluation.report().await.unwrap().is_sound());
}

#[tokio::test(start_paused = true)]
async fn a_model_that_only_fails_ends_the_run() {
    let mut evaluation = with(failing(10, u32::MAX));
    evaluation.policy.failures_on_end = 4;
    let error = evaluation.run().await.unwrap_err();
    assert!(matches!(error, EvaluationError::Run { .. }), "{error}");
    assert!(error.to_string().contains("`ours`") && error.to_string().contains("out of reach"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_judge_that_could_not_tell_is_asked_again_where_that_is_said() {
    let store: Arc<dyn RunStore> = Arc::new(InMemory::new());
    let asked = Arc::new(AtomicU32::new(0));
    let graded = async |verdict: &'static str, regrade: Regrade| {
        let asked = asked.clone();
        let judging = judge(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            verdict
        });
        let contestant = Contestant::of("ours", 7, agent(Arc::new(looker()))).unwrap();
        let mut evaluation =
            Evaluation::new(benchmark(4), store.clone(), "2026-11-22").between(contestant).graded_by(judging);
        evaluation.regrade = regrade;
        let report = evaluation.run().await.unwrap();
        let counts = report.standings[0].lines[0].figures.counts;
        (counts.attempts, counts.correct, counts.wrong, counts.unscored)
    };
    // What is right to the letter is right without the judge.
    assert_eq!(graded("I cannot say.", Regrade::Missing).await, (4, 2, 0, 2));
    let before = asked.load(Ordering::Relaxed);
    assert_eq!(graded("<judge>no</judge>", Regrade::Missing).await, (4, 2, 0, 2));
    assert_eq!(asked.load(Ordering::Relaxed), before);
    assert_eq!(graded("<judge>no</judge>", Regrade::Unscored).await, (4, 2, 2, 0));
    assert_eq!(asked.load(Ordering::Relaxed), before + 2);
}

#[tokio::test(start_paused = true)]
async fn a_judge_out_of_reach_leaves_attempts_ungraded_and_counted() {
    let silent = Scripted::by(|_| Err(ChatError::Transient { reason: "out of reach".to_owned() }));
    let judging = offseeker_grading::judges::JudgeGrader::new(
        offseeker_grading::Judge::new(Arc::new(silent)),
        offseeker_grading::judges::Form::Tag,
    );
    let contestant = Contestant::of("ours", 7, agent(Arc::new(looker()))).unwrap();
    let evaluation = Evaluation::new(benchmark(4), Arc::new(InMemory::new()), "2026-11-22");
    let report = evaluation.between(contestant).graded_by(judging).run().await.unwrap();
    let standing = &report.standings[0];
    assert_eq!((standing.lost.ungraded, standing.lost.share), (2, 0.5));
    assert_eq!((standing.lines[0].figures.counts.correct, standing.lines[0].figures.counts.unscored), (2, 2));
    assert!(!report.is_sound());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let ours = || Contestant::of("ours", 7, agent(Arc::new(looker()))).unwrap();
    let bare = || evaluation(benchmark(2), Arc::new(InMemory::new()));
    let check = async |evaluation: Evaluation, expected: &str| {
        let error = evaluation.run().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(bare(), "a question, a contestant and a grader").await;
    check(Evaluation::new(benchmark(2), Arc::new(InMemory::new()), "").between(ours()), "and a grader at least").await;
    check(bare().between(ours()).between(ours()), "two contestants are called \"ours\"").await;
    check(bare().between(ours()).comparing("ours", "theirs"), "no contestant `theirs` to compare; there are ours")
        .await;
    let mut unsure = bare().between(ours());
    unsure.assumed_confidence = 85.0;
    check(unsure, "from 0 to 1").await;
    let twice = Benchmark::of("twice", questions(1).into_iter().chain(questions(2)));
    assert!(twice.unwrap_err().to_string().contains("two questions have the id"));
}

#[tokio::test]
async fn an_evaluation_that_is_stopped_or_not_run_has_no_report() {
    let evaluation = with(looker());
    let error = evaluation.report().await.unwrap_err();
    assert!(matches!(error, EvaluationError::Unfinished { missing: 10, .. }), "{error}");
    evaluation.stop.ask();
    let error = evaluation.run().await.unwrap_err();
    assert_eq!(error.to_string(), "it was stopped at `ours`; run it again to go on");
}
