//! Laws of what is written and read.

use futures::TryStreamExt;
use offseeker_trajectory::{Grade, Message, Node, NodeId, Outcome, StopReason, Trajectory, TrajectoryId};

use super::made::{TEXTS, attempt, entries};
use super::{Law, Violation};
use crate::{Entry, Filter, GradeFilter, Manifest, StoreError, TrajectoryStore, TrajectoryStoreExt};

/// Checks that a store gives back what was written, and writes nothing by halves. It has to be empty.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_store(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    what_is_written_is_read(store).await?;
    places_are_filled_in_any_order(store).await?;
    all_or_nothing(store).await?;
    ends_are_final(store).await?;
    grades_are_replaced(store).await?;
    odd_texts_come_back(store).await?;
    scans_find_what_fits(store).await
}

async fn what_is_written_is_read(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    let law = Law("what is written is read, and writing it again changes nothing");
    let manifest = Manifest::new("written", 7);
    let made = attempt("written", 0);
    law.fails(store.get(&made.id).await, |error| matches!(error, StoreError::NotFound { .. }))?;
    for _ in 0..2 {
        law.done(store.write(vec![Entry::Run(Box::new(manifest.clone()))], None).await)?;
        law.done(store.write(entries(&made), None).await)?;
        let found = law.done(store.get(&made.id).await)?;
        law.same(&found.trajectory, &made)?;
        law.holds(found.ahead.is_empty(), "messages behind a gap that is not there")?;
    }
    let other = attempt("written", 1);
    law.done(store.write(entries(&other), None).await)?;
    let both = law.done(store.read(&[other.id.clone(), made.id.clone(), other.id.clone()]).await)?;
    let ids: Vec<&TrajectoryId> = both.iter().map(|found| &found.trajectory.id).collect();
    law.same(&ids, &vec![&other.id, &made.id, &other.id])?;
    let unknown = [made.id.clone(), TrajectoryId::new("unknown")];
    law.fails(store.read(&unknown).await, |error| matches!(error, StoreError::NotFound { .. }))
}

async fn places_are_filled_in_any_order(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    let law = Law("places are filled in any order, and what is behind a gap is kept apart");
    let made = attempt("gaps", 0);
    let mut entries = entries(&made);
    let missing = entries.remove(3);
    law.done(store.write(entries, None).await)?;
    let found = law.done(store.get(&made.id).await)?;
    law.same(&found.trajectory.nodes().len(), &2)?;
    law.same(&found.ahead.keys().map(|place| place.index()).collect::<Vec<_>>(), &vec![3, 4, 5, 6, 7])?;
    law.same(&found.ahead.values().next(), &made.nodes().get(3))?;
    law.done(store.write(vec![missing], None).await)?;
    law.same(&law.done(store.get(&made.id).await)?.trajectory, &made)
}

async fn all_or_nothing(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    let law = Law("all entries are written or none");
    let made = attempt("halves", 0);
    let fresh = attempt("halves", 1);
    law.done(store.write(entries(&made), None).await)?;
    let node = |place: u32, parent: Option<u32>| Entry::Node {
        attempt: made.id.clone(),
        place: NodeId::new(place),
        node: Box::new(Node::given(parent.map(NodeId::new), Message::user("other"))),
    };
    let is_conflict = |error: &StoreError| matches!(error, StoreError::Conflict { .. });
    let batch = |last: Entry| entries(&fresh).into_iter().chain([node(8, Some(7)), last]).collect::<Vec<_>>();
    law.fails(store.write(batch(node(2, Some(1))), None).await, is_conflict)?;
    let mut other = beginning(&made);
    other.model = Some("another".to_owned());
    law.fails(store.write(batch(Entry::Begin(Box::new(other))), None).await, is_conflict)?;
    let is_unfit = |error: &StoreError| matches!(error, StoreError::Unfit { .. });
    law.fails(store.write(batch(node(9, Some(9))), None).await, is_unfit)?;
    let unknown = Entry::Reopen { attempt: TrajectoryId::new("unknown") };
    law.fails(store.write(batch(unknown), None).await, |error| matches!(error, StoreError::NotFound { .. }))?;
    let is_invalid = |error: &StoreError| matches!(error, StoreError::Invalid { .. });
    law.fails(store.write(batch(Entry::Begin(Box::new(made.clone()))), None).await, is_invalid)?;
    law.same(&law.done(store.get(&made.id).await)?.trajectory, &made)?;
    law.holds(law.done(store.find(&fresh.id).await)?.is_none(), "an attempt that was begun in a batch that failed")
}

fn beginning(made: &Trajectory) -> Trajectory {
    match entries(made).swap_remove(0) {
        Entry::Begin(beginning) => *beginning,
        other => unreachable!("the first entry begins: {other:?}"),
    }
}

async fn ends_are_final(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    let law = Law("an end is final, unless it was no fault of the attempt's own");
    let made = attempt("ends", 0);
    let end = |stop: StopReason, answer: Option<&str>| {
        vec![Entry::End { attempt: made.id.clone(), stop, answer: answer.map(str::to_owned) }]
    };
    let late = || {
        let node = Box::new(Node::given(Some(NodeId::new(7)), Message::user("late")));
        vec![Entry::Node { attempt: made.id.clone(), place: NodeId::new(8), node }]
    };
    let reopen = || vec![Entry::Reopen { attempt: made.id.clone() }];
    let is_conflict = |error: &StoreError| matches!(error, StoreError::Conflict { .. });
    law.done(store.write(entries(&made), None).await)?;
    let failed = StopReason::ModelFailure { reason: "the server is gone".to_owned() };
    law.done(store.write(end(failed.clone(), None), None).await)?;
    law.same(&law.done(store.get(&made.id).await)?.trajectory.stop, &Some(failed))?;
    law.fails(store.write(late(), None).await, is_conflict)?;
    for _ in 0..2 {
        law.done(store.write(reopen(), None).await)?;
        law.same(&law.done(store.get(&made.id).await)?.trajectory.stop, &None)?;
    }
    for _ in 0..2 {
        law.done(store.write(end(StopReason::Answered, Some(TEXTS[2])), None).await)?;
    }
    let found = law.done(store.get(&made.id).await)?.trajectory;
    law.same(&(found.stop, found.answer.as_deref()), &(Some(StopReason::Answered), Some(TEXTS[2])))?;
    law.fails(store.write(end(StopReason::Answered, None), None).await, is_conflict)?;
    law.fails(store.write(reopen(), None).await, |error| matches!(error, StoreError::Invalid { .. }))?;
    law.fails(store.write(late(), None).await, is_conflict)?;
    // What is there already may be written again after the end too.
    law.done(store.write(entries(&made), None).await)
}

async fn grades_are_replaced(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    let law = Law("a grade takes the place of an earlier one by the same grader, also after the end");
    let made = attempt("grades", 0);
    law.done(store.write(entries(&made), None).await)?;
    let end = Entry::End { attempt: made.id.clone(), stop: StopReason::Loop, answer: None };
    law.done(store.write(vec![end], None).await)?;
    let grades = [
        Grade::scored("exact@1", Outcome::Wrong, 0.1),
        Grade::unscored("judge@1", TEXTS[3]),
        Grade::scored("exact@1", Outcome::Correct, 1.0),
    ];
    for grade in &grades {
        let entry = Entry::Grade { attempt: made.id.clone(), grade: Box::new(grade.clone()) };
        law.done(store.write(vec![entry], None).await)?;
    }
    let found = law.done(store.get(&made.id).await)?.trajectory.grades;
    law.same(&found, &vec![grades[2].clone(), grades[1].clone()])?;
    // Numbers that are equal and yet another: what is kept is what was written last, to the bit.
    for value in [0.0, -0.0, 0.0] {
        let grade = Box::new(Grade::scored("exact@1", Outcome::Wrong, value));
        law.done(store.write(vec![Entry::Grade { attempt: made.id.clone(), grade }], None).await)?;
        let found = law.done(store.get(&made.id).await)?.trajectory.grades;
        let found = found.iter().find(|grade| grade.grader == "exact@1").and_then(|grade| grade.value);
        law.same(&found.map(f64::to_bits), &Some(value.to_bits()))?;
    }
    Ok(())
}

async fn odd_texts_come_back(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    let law = Law("any text comes back as it was");
    let large = "x卡".repeat(1 << 18);
    for text in TEXTS.into_iter().chain([large.as_str()]) {
        let mut made = attempt("texts", 0);
        made.id =
            TrajectoryId::new(format!("text of {} bytes: {}", text.len(), text.chars().take(20).collect::<String>()));
        made.question.text = text.to_owned();
        let place = NodeId::new(u32::try_from(made.nodes().len()).unwrap_or(u32::MAX));
        let tool = Message::tool(text, text, text);
        let mut written = entries(&made);
        let node = Node::given(None, Message { reasoning: Some(text.to_owned()), ..tool });
        written.push(Entry::Node { attempt: made.id.clone(), place, node: Box::new(node.clone()) });
        let end = StopReason::ToolFailure { tool: text.to_owned(), reason: text.to_owned() };
        written.push(Entry::End { attempt: made.id.clone(), stop: end.clone(), answer: Some(text.to_owned()) });
        law.done(store.write(written, None).await)?;
        let found = law.done(store.get(&made.id).await)?.trajectory;
        law.same(&found.question.text.as_str(), &text)?;
        law.same(&found.nodes().last(), &Some(&node))?;
        law.same(&(found.answer.as_deref(), found.stop), &(Some(text), Some(end)))?;
    }
    Ok(())
}

async fn scans_find_what_fits(store: &dyn TrajectoryStore) -> Result<(), Violation> {
    let law = Law("a scan finds what fits, in the order of the ids");
    for number in 0..12 {
        let made = attempt("scanned", number);
        law.done(store.write(entries(&made), None).await)?;
        let stops = [StopReason::Answered, StopReason::Loop, StopReason::Crashed];
        if let Some(stop) = stops.get(number as usize % 4) {
            let end = Entry::End { attempt: made.id.clone(), stop: stop.clone(), answer: None };
            let value = f64::from(number) / 12.0;
            let grade = Grade::scored("exact@1", Outcome::Correct, value);
            let grade = if number.is_multiple_of(2) { grade } else { Grade::unscored("exact@1", "no judge") };
            let grade = Entry::Grade { attempt: made.id.clone(), grade: Box::new(grade) };
            law.done(store.write(vec![end, grade], None).await)?;
        }
    }
    let all: Vec<Trajectory> = law.done(store.trajectories(&Filter::default()).try_collect().await)?;
    law.holds(all.windows(2).all(|pair| pair[0].id < pair[1].id), "ids out of order")?;
    for filter in filters(&attempt("scanned", 5)) {
        let expected: Vec<&TrajectoryId> = all.iter().filter(|made| filter.fits(made)).map(|made| &made.id).collect();
        let found: Vec<TrajectoryId> = law.done(store.scan(&filter).try_collect().await)?;
        let found: Vec<&TrajectoryId> = found.iter().collect();
        law.holds(found == expected, format!("{} attempts and not {} for {filter:?}", found.len(), expected.len()))?;
    }
    Ok(())
}

fn filters(made: &Trajectory) -> Vec<Filter> {
    let run = || Filter { run: made.run.clone(), ..Filter::default() };
    let graded = |outcome: Option<&str>, at_least: Option<f64>, at_most: Option<f64>| GradeFilter {
        grader: "exact@1".to_owned(),
        outcome: outcome.map(str::to_owned),
        at_least,
        at_most,
    };
    let mut filters = vec![
        Filter::default(),
        run(),
        Filter { question: Some(made.question.id.clone()), ..run() },
        Filter { model: Some("small".to_owned()), ..run() },
        Filter { model: Some("none".to_owned()), ..Filter::default() },
        Filter { ended: Some(true), ..run() },
        Filter { ended: Some(false), ..run() },
        Filter { stop: Some("answered".to_owned()), ..run() },
        Filter { stop: Some("no such end".to_owned()), ..run() },
        Filter { from_ms: Some(1_700_000_004_000), ..run() },
        Filter { until_ms: Some(1_700_000_004_000), ..run() },
        Filter { from_ms: Some(1_700_000_002_000), until_ms: Some(1_700_000_009_000), ..Filter::default() },
        Filter { from_ms: Some(0), until_ms: Some(u64::MAX), ..run() },
    ];
    let grades = [
        graded(None, None, None),
        graded(Some("correct"), None, None),
        graded(Some("unscored"), None, None),
        graded(None, Some(0.4), None),
        graded(None, None, Some(0.4)),
        graded(Some("correct"), Some(0.2), Some(0.7)),
        GradeFilter { grader: "none@1".to_owned(), ..GradeFilter::default() },
    ];
    filters.extend(grades.map(|grade| Filter { grade: Some(grade), ended: Some(true), ..run() }));
    filters
}
