//! Graders of groups are shown all attempts at a question together.

use offseeker_grading::run::Grading;
use offseeker_trajectory::StopReason;

use crate::attempts::{grades, put, question, store_of};
use crate::graders::Flaky;

#[tokio::test]
async fn a_group_is_all_attempts_at_a_question_that_ended_by_themselves() {
    let store = store_of(3, 4).await;
    let failed = put(store.as_ref(), &question(0), 8, None, Some(StopReason::Crashed)).await;
    let under_way = put(store.as_ref(), &question(0), 9, None, None).await;
    let grader = Flaky::new("group@1", &[]);
    let grading = Grading::new(store.clone()).by_group(grader.clone());
    let tally = grading.run().await.unwrap();
    assert_eq!((tally.attempts, tally.graded()), (13, 13));
    let sizes: Vec<usize> = grader.graded().iter().map(Vec::len).collect();
    assert_eq!(sizes, [4, 4, 4]);
    let written = grades(store.as_ref()).await;
    assert_eq!(written.len(), 13);
    assert_eq!(written[&(failed, "group@1".to_owned())].value, None);
    assert!(!written.contains_key(&(under_way, "group@1".to_owned())));

    grading.run().await.unwrap();
    assert_eq!(grader.calls(), 3, "what has its grades is not asked for again");
}

#[tokio::test]
async fn a_group_that_grows_is_graded_anew() {
    let store = store_of(2, 2).await;
    let grader = Flaky::new("group@1", &[]);
    let grading = Grading::new(store.clone()).by_group(grader.clone());
    grading.run().await.unwrap();
    put(store.as_ref(), &question(1), 7, Some("river 1"), Some(StopReason::Answered)).await;
    grading.run().await.unwrap();
    let sizes: Vec<usize> = grader.graded().iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 3]);
    let of_three = grades(store.as_ref()).await.into_values().filter(|grade| grade.value == Some(1.0 / 3.0)).count();
    assert_eq!(of_three, 3);
}
