//! What a run grades and what it leaves.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use offseeker_grading::run::{Event, Grading, Regrade, Watcher};
use offseeker_grading::scorers::Match;
use offseeker_trajectory::{Outcome, Question, StopReason, TrajectoryId};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{
    Claim, Entry, Filter, InMemory, StoreError, Stored, TrajectoryStore, TrajectoryStoreExt,
};

use crate::attempts::{grades, put, question, store_of};
use crate::graders::{Broken, Flaky};

const MATCH: &str = "offseeker/match@1";

#[tokio::test]
async fn a_run_grades_what_has_ended_and_lacks_a_grade() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::open(folder.path().join("attempts.db"), &Options::default()).unwrap();
    for store in [Arc::new(InMemory::new()) as Arc<dyn TrajectoryStore>, Arc::new(embedded)] {
        let ended = |stop: StopReason| Some(stop);
        let unknown = Question::new::<&str>("Why?", []);
        put(store.as_ref(), &question(0), 0, Some("River 0!"), ended(StopReason::Answered)).await;
        put(store.as_ref(), &question(0), 1, Some("river 1"), ended(StopReason::Answered)).await;
        put(store.as_ref(), &question(0), 2, None, ended(StopReason::Loop)).await;
        put(store.as_ref(), &question(0), 3, None, ended(StopReason::Cancelled)).await;
        put(store.as_ref(), &question(0), 4, None, None).await;
        put(store.as_ref(), &unknown, 0, Some("because"), ended(StopReason::Answered)).await;

        let grading = Grading::new(store.clone()).by(Match);
        let tally = grading.run().await.unwrap();
        let expected = "5 attempts, 5 grades, 0 outages\noffseeker/match@1: 0 had it\n       1 correct\n       1 no_answer\n       \
                        2 unscored\n       1 wrong\n";
        assert_eq!(tally.to_string(), expected);
        let written = grades(store.as_ref()).await;
        assert_eq!(written.len(), 5);

        let again = grading.run().await.unwrap();
        assert_eq!((again.attempts, again.graded(), again.graders[MATCH].had), (5, 0, 5));
        assert_eq!(grades(store.as_ref()).await, written);
    }
}

#[tokio::test]
async fn an_attempt_that_is_taken_up_again_is_graded_again() {
    let store = Arc::new(InMemory::new());
    let failed = StopReason::ModelFailure { reason: "the line is cut".to_owned() };
    let attempt = put(store.as_ref(), &question(0), 0, None, Some(failed)).await;
    let counted = Flaky::new("counted@1", &[]);
    let grading = Grading::new(store.clone()).by(Match).by(counted.clone());
    grading.run().await.unwrap();
    assert_eq!(counted.calls(), 0, "an attempt that ended through no fault of its own is shown to nobody");
    assert!(grades(store.as_ref()).await.values().all(|grade| grade.value.is_none()));

    let stop = StopReason::Answered;
    let end = Entry::End { attempt: attempt.clone(), stop, answer: Some("river 0".to_owned()) };
    store.write(vec![Entry::Reopen { attempt: attempt.clone() }, end], None).await.unwrap();
    grading.run().await.unwrap();
    let kept = store.get(&attempt).await.unwrap().trajectory.grades;
    assert!(kept.len() == 2 && kept.iter().all(|grade| grade.outcome == Outcome::Correct), "{kept:?}");
}

#[tokio::test]
async fn grades_are_left_or_asked_for_again() {
    let store = store_of(2, 2).await;
    put(store.as_ref(), &Question::new::<&str>("Why?", []), 0, Some("so"), Some(StopReason::Answered)).await;
    let mut grading = Grading::new(store.clone()).by(Match);
    grading.run().await.unwrap();
    for (regrade, graded) in [(Regrade::Missing, 0), (Regrade::Unscored, 1), (Regrade::All, 5)] {
        grading.regrade = regrade;
        let tally = grading.run().await.unwrap();
        assert_eq!(tally.graded(), graded, "{regrade:?}");
    }
    grading.filter.question = Some(question(1).id);
    let tally = grading.run().await.unwrap();
    assert_eq!((tally.attempts, tally.graded()), (2, 2));
}

#[tokio::test]
async fn so_many_are_worked_on_at_once() {
    for at_once in [0, 1, 3, 100] {
        let store = store_of(10, 1).await;
        let (single, grouped) = (Flaky::new("single@1", &[]), Flaky::new("group@1", &[]));
        let mut grading = Grading::new(store).by(single.clone()).by_group(grouped.clone());
        grading.at_once = at_once;
        grading.run().await.unwrap();
        let expected = at_once.clamp(1, 10);
        assert_eq!((single.most_under_way(), grouped.most_under_way()), (expected, expected));
    }
}

/// A store that counts the attempts that were looked for.
#[derive(Debug)]
struct Counted {
    inside: Arc<InMemory>,
    found: Arc<AtomicUsize>,
    read: Arc<AtomicUsize>,
}

#[async_trait]
impl TrajectoryStore for Counted {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        self.inside.write(entries, claim).await
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        self.read.fetch_add(ids.len(), SeqCst);
        self.inside.read(ids).await
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        let found = self.found.clone();
        let count = move |_: &_| {
            found.fetch_add(1, SeqCst);
        };
        self.inside.scan(filter).inspect(count).boxed()
    }
}

#[tokio::test]
async fn attempts_are_looked_for_as_they_are_graded() {
    let (found, read) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let store = Arc::new(Counted { inside: store_of(30, 1).await, found: found.clone(), read: read.clone() });
    let (graded, ahead) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut grading = Grading::new(store.clone()).by(Match);
    grading.at_once = 4;
    let (done, most) = (graded.clone(), ahead.clone());
    grading.watcher = Watcher::new(move |_| {
        most.fetch_max(found.load(SeqCst) - done.fetch_add(1, SeqCst), SeqCst);
    });
    grading.run().await.unwrap();
    assert_eq!((graded.load(SeqCst), ahead.load(SeqCst), read.load(SeqCst)), (30, 4, 30));

    // What has its grade is not read again, and what lacks the grade of one grader is.
    put(store.as_ref(), &question(50), 0, Some("river 50"), Some(StopReason::Answered)).await;
    let tally = Grading::new(store.clone()).by(Match).run().await.unwrap();
    assert_eq!((tally.attempts, tally.graded(), tally.graders[MATCH].had, read.load(SeqCst)), (31, 1, 30, 31));
    let other = Flaky::new("other@1", &[]);
    let both = Grading::new(store).by(Match).by_group(other).run().await.unwrap();
    assert_eq!((both.graded(), both.graders[MATCH].had, read.load(SeqCst)), (31, 31, 31 + 2 * 31));
}

#[tokio::test]
async fn a_run_tells_of_each_grade_when_it_is_written_and_stops_when_asked() {
    let store = store_of(6, 1).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut grading = Grading::new(store.clone()).by(Match).by(Flaky::new("flaky@1", &[true]));
    let (stop, seen) = (grading.stop.clone(), told.clone());
    grading.at_once = 1;
    grading.watcher = Watcher::new(move |event| {
        let mut told = seen.lock().unwrap();
        told.push(match event {
            Event::Graded { grade, .. } => grade.grader.clone(),
            Event::Failed { grader, error, attempts, .. } => format!("{grader} {} {}", attempts.len(), error.kind()),
            other => format!("{other:?}"),
        });
        if told.len() == 4 {
            stop.ask();
        }
    });
    let tally = grading.run().await.unwrap();
    assert!(tally.stopped, "{tally}");
    let told = told.lock().unwrap().clone();
    assert_eq!(told[..4], [MATCH, "flaky@1 1 unavailable", MATCH, "flaky@1"]);
    assert!(told.len() <= 6, "{told:?}");
    assert_eq!(grades(store.as_ref()).await.len(), told.len() - 1);

    let rest = Grading::new(store.clone()).by(Match).by(Flaky::new("flaky@1", &[])).run().await.unwrap();
    assert_eq!((rest.graded(), grades(store.as_ref()).await.len()), (12 - (told.len() as u64 - 1), 12));
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let store = store_of(1, 1).await;
    let grading = || Grading::new(store.clone());
    let mut under_way = grading().by(Match);
    under_way.filter.ended = Some(false);
    let rows = [
        (grading(), "that cannot be run: there is no grader"),
        (
            grading().by(Match).by(Match),
            "that cannot be run: two graders are called \"offseeker/match@1\", or one has no name; grades go by it",
        ),
        (
            grading().by(Flaky::new("", &[])),
            "that cannot be run: two graders are called \"\", or one has no name; grades go by it",
        ),
        (under_way, "that cannot be run: attempts under way are not graded; leave `ended` out of the filter"),
    ];
    for (grading, expected) in rows {
        assert_eq!(grading.run().await.unwrap_err().to_string(), expected);
    }
    assert_eq!(grades(store.as_ref()).await.len(), 0);
}

#[tokio::test]
async fn what_is_no_grade_is_not_written() {
    let store = store_of(1, 2).await;
    for grading in [Grading::new(store.clone()).by(Broken), Grading::new(store.clone()).by_group(Broken)] {
        let tally = grading.by(Match).run().await.unwrap();
        assert!(tally.graders["broken@1"].outages["broken"] > 0, "{tally}");
        assert!(grades(store.as_ref()).await.keys().all(|(_, grader)| grader == MATCH));
    }
}
