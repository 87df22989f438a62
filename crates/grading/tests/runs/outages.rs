//! An outage grades nothing wrong, loses nothing, and what was known before it is not asked for again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use offseeker_chat::{ChatError, Reply, Scripted};
use offseeker_grading::judges::{Form, JudgeGrader};
use offseeker_grading::run::Grading;
use offseeker_grading::scorers::Match;
use offseeker_grading::{GradeError, Judge};
use offseeker_trajectory::Message;
use offseeker_trajectory_store::InMemory;
use proptest::prelude::*;

use crate::attempts::{grades, store_of};
use crate::graders::Flaky;

/// A judge that fails at some calls, and how often it replied.
fn judge(fails_at: Vec<bool>) -> (Arc<AtomicUsize>, JudgeGrader) {
    let (calls, replied) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let counted = replied.clone();
    let model = Scripted::by(move |request| {
        if fails_at.get(calls.fetch_add(1, SeqCst)).copied().unwrap_or(false) {
            return Err(ChatError::transient("the line is cut"));
        }
        counted.fetch_add(1, SeqCst);
        // What it says depends on what it is asked alone.
        let is_even = request.messages[0].content.len().is_multiple_of(2);
        Ok(Reply::new(Message::assistant(if is_even { "<judge>yes</judge>" } else { "<judge>no</judge>" })))
    });
    let mut grader = JudgeGrader::new(Judge::new(Arc::new(model)), Form::Tag).votes(1);
    grader.short_cut = false;
    (replied, grader)
}

#[derive(Debug, Clone)]
struct Case {
    questions: usize,
    attempts: u32,
    at_once: usize,
    most_outages: u32,
    judge: Vec<bool>,
    single: Vec<bool>,
    group: Vec<bool>,
}

fn cases() -> impl Strategy<Value = Case> {
    let failures = || prop::collection::vec(any::<bool>(), 0..16);
    (0usize..5, 1u32..4, 1usize..5, 1u32..6, failures(), failures(), failures()).prop_map(
        |(questions, attempts, at_once, most_outages, judge, single, group)| Case {
            questions,
            attempts,
            at_once,
            most_outages,
            judge,
            single,
            group,
        },
    )
}

/// Runs until nothing is left to ask, and checks after each run that nothing was written but what will stand in the end.
async fn check(case: Case) {
    let total = case.questions * case.attempts as usize;
    let undisturbed = store_of(case.questions, case.attempts).await;
    let grading = |store: &Arc<InMemory>, judge: JudgeGrader, single: &Flaky, group: &Flaky| {
        let mut grading = Grading::new(store.clone()).by(Match).by(judge).by(single.clone()).by_group(group.clone());
        (grading.at_once, grading.most_outages) = (case.at_once, case.most_outages);
        grading
    };
    let steady = (Flaky::new("single@1", &[]), Flaky::new("group@1", &[]));
    grading(&undisturbed, judge(Vec::new()).1, &steady.0, &steady.1).run().await.unwrap();
    let expected = grades(undisturbed.as_ref()).await;
    assert_eq!(expected.len(), 4 * total);

    let store = store_of(case.questions, case.attempts).await;
    let (replied, judge) = judge(case.judge.clone());
    let (single, group) = (Flaky::new("single@1", &case.single), Flaky::new("group@1", &case.group));
    let grading = grading(&store, judge, &single, &group);
    let mut runs = 0;
    loop {
        runs += 1;
        assert!(runs < 100, "it does not come to an end");
        let ended = grading.run().await;
        for (place, grade) in grades(store.as_ref()).await {
            assert_eq!(Some(&grade), expected.get(&place), "an outage changed a grade");
        }
        match ended {
            Ok(tally) if tally.outages() == 0 => break,
            Ok(_) => {}
            Err(GradeError::Outage { in_a_row, .. }) => assert_eq!(in_a_row, case.most_outages),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(grades(store.as_ref()).await, expected);
    // What is in hand when a run is given up is dropped, and may be asked twice.
    let at_most = total + runs * case.at_once;
    assert!((total..=at_most).contains(&replied.load(SeqCst)), "{} replies for {total}", replied.load(SeqCst));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_fails_the_grades_are_the_same_in_the_end(case in cases()) {
        runtime().block_on(check(case));
    }

    #[test]
    fn what_was_graded_before_an_outage_is_not_asked_for_again(case in cases()) {
        // No run is given up here, so nothing is dropped.
        runtime().block_on(async {
            let total = case.questions * case.attempts as usize;
            let store = store_of(case.questions, case.attempts).await;
            let (replied, judge) = judge(case.judge.clone());
            let (single, group) = (Flaky::new("single@1", &case.single), Flaky::new("group@1", &case.group));
            let mut grading = Grading::new(store.clone()).by(judge).by(single.clone()).by_group(group.clone());
            (grading.at_once, grading.most_outages) = (case.at_once, u32::MAX);
            while grading.run().await.unwrap().outages() > 0 {}
            assert_eq!(replied.load(SeqCst), total);
            assert_eq!(single.graded().len(), total);
            assert_eq!(group.graded().len(), if total == 0 { 0 } else { case.questions });
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_run_that_is_dropped_anywhere_is_made_up_for(case in cases(), polls in prop::collection::vec(1usize..12, 0..6)) {
        runtime().block_on(async {
            let store = store_of(case.questions, case.attempts).await;
            let (single, group) = (Flaky::new("single@1", &[]), Flaky::new("group@1", &[]));
            let mut grading = Grading::new(store.clone()).by(Match).by(single.clone()).by_group(group.clone());
            grading.at_once = case.at_once;
            for polls in &polls {
                let mut run = Box::pin(grading.run());
                for _ in 0..*polls {
                    if futures::poll!(&mut run).is_ready() {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
            let dropped = single.calls();
            grading.run().await.unwrap();
            let total = case.questions * case.attempts as usize;
            assert_eq!(grades(store.as_ref()).await.len(), 3 * total);
            assert!(single.calls() <= total + polls.len() * case.at_once, "{dropped} calls before the last run");

            let undisturbed = store_of(case.questions, case.attempts).await;
            let (single, group) = (Flaky::new("single@1", &[]), Flaky::new("group@1", &[]));
            Grading::new(undisturbed.clone()).by(Match).by(single).by_group(group).run().await.unwrap();
            assert_eq!(grades(store.as_ref()).await, grades(undisturbed.as_ref()).await);
        });
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[tokio::test]
async fn a_run_is_given_up_after_too_many_outages_in_a_row() {
    let store = store_of(20, 1).await;
    let grader = Flaky::new("flaky@1", &[true, true, false, true, true, true, true]);
    let mut grading = Grading::new(store.clone()).by(Match).by(grader.clone());
    (grading.at_once, grading.most_outages) = (1, 3);
    let error = grading.run().await.unwrap_err();
    let expected = "flaky@1 failed 3 times in a row, so the run was stopped; every grade so far is written, run it again \
                    once this is mended: flaky@1 cannot grade just now: the line is cut";
    assert_eq!(error.to_string(), expected);
    assert_eq!(grader.calls(), 6);
    let kept = grades(store.as_ref()).await;
    let of = |name: &str| kept.keys().filter(|(_, grader)| grader == name).count();
    assert_eq!((of("offseeker/match@1"), of("flaky@1")), (6, 1));
}
