//! Attempts in stores, and the grades that they have.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::TryStreamExt;
use offseeker_trajectory::{Grade, Message, Node, NodeId, Question, RunId, StopReason, Trajectory, TrajectoryId};
use offseeker_trajectory_store::{Entry, Filter, InMemory, TrajectoryStore, TrajectoryStoreExt};

/// Writes an attempt that begins, says something, and ends unless it is under way.
pub(crate) async fn put(
    store: &dyn TrajectoryStore,
    question: &Question,
    number: u32,
    answer: Option<&str>,
    stop: Option<StopReason>,
) -> TrajectoryId {
    let begun = Trajectory::in_run(RunId::new("run"), question.clone(), number);
    let attempt = begun.id.clone();
    let node = Box::new(Node::given(None, Message::user(&question.text)));
    let node = Entry::Node { attempt: attempt.clone(), place: NodeId::new(0), node };
    let mut entries = vec![Entry::Begin(Box::new(begun)), node];
    entries.extend(stop.map(|stop| Entry::End { attempt: attempt.clone(), stop, answer: answer.map(str::to_owned) }));
    store.write(entries, None).await.unwrap();
    attempt
}

pub(crate) fn question(number: usize) -> Question {
    Question::new(format!("Which river does mill {number} stand on?"), [format!("river {number}")])
}

/// A store with so many attempts at each of some questions: the first answer of each question is right.
pub(crate) async fn store_of(questions: usize, attempts: u32) -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    for number in 0..questions {
        for attempt in 0..attempts {
            let answer = format!("river {}", number + attempt as usize);
            put(store.as_ref(), &question(number), attempt, Some(&answer), Some(StopReason::Answered)).await;
        }
    }
    store
}

/// All grades of all attempts, by the graders.
pub(crate) async fn grades(store: &dyn TrajectoryStore) -> BTreeMap<(TrajectoryId, String), Grade> {
    let attempts: Vec<Trajectory> = store.trajectories(&Filter::default()).try_collect().await.unwrap();
    let of = |attempt: Trajectory| {
        attempt.grades.into_iter().map(move |grade| ((attempt.id.clone(), grade.grader.clone()), grade))
    };
    attempts.into_iter().flat_map(of).collect()
}
