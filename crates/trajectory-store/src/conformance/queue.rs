//! Laws of handing out work.

use std::time::Duration;

use offseeker_trajectory::{Message, Node, NodeId, Question, StopReason};

use super::made::question;
use super::{Law, Violation};
use crate::{Claim, Entry, Manifest, Progress, RunStore, StoreError, Worker};

/// Checks that a store hands out each attempt to one worker at a time. It has to be empty, and it takes a second.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_queue(store: &dyn RunStore) -> Result<(), Violation> {
    plans_only_grow(store).await?;
    work_goes_to_one_at_a_time(store).await?;
    a_dead_worker_loses_its_claims(store).await
}

/// A run with so many questions and attempts planned.
async fn planned(
    store: &dyn RunStore,
    law: Law,
    name: &str,
    questions: u32,
    attempts: u32,
) -> Result<Manifest, Violation> {
    let manifest = Manifest::new(name, 1);
    law.done(store.write(vec![Entry::Run(Box::new(manifest.clone()))], None).await)?;
    let questions: Vec<_> = (0..questions).map(question).collect();
    law.done(store.plan(&run_of(&manifest), &questions, attempts).await)?;
    Ok(manifest)
}

fn run_of(manifest: &Manifest) -> offseeker_trajectory::RunId {
    manifest.id().unwrap_or_else(|error| unreachable!("a manifest of plain text has an id: {error}"))
}

fn places(claims: &[Claim]) -> Vec<(u32, u32)> {
    let hops = |claim: &Claim| claim.question.metadata.get("hops").and_then(serde_json::Value::as_u64);
    claims
        .iter()
        .map(|claim| (claim.attempt, u32::try_from(hops(claim).unwrap_or_default()).unwrap_or(u32::MAX)))
        .collect()
}

async fn plans_only_grow(store: &dyn RunStore) -> Result<(), Violation> {
    let law = Law("a plan that is made again changes nothing, and more is added");
    let manifest = planned(store, law, "plans", 2, 2).await?;
    let run = run_of(&manifest);
    law.same(&law.done(store.manifest(&run).await)?, &Some(manifest))?;
    law.same(&law.done(store.manifest(&run_of(&Manifest::new("unknown", 1))).await)?, &None)?;
    let questions: Vec<_> = (0..3).map(question).collect();
    law.same(&law.done(store.plan(&run, &questions[..2], 2).await)?, &0)?;
    law.same(&law.done(store.plan(&run, &questions[..1], 1).await)?, &0)?;
    law.same(&law.done(store.progress(&run).await)?, &Progress { planned: 4, begun: 0, ended: 0 })?;
    let other = Question { text: "Something else?".to_owned(), ..questions[0].clone() };
    let is_refused = |error: &StoreError| matches!(error, StoreError::Invalid { .. });
    law.fails(store.plan(&run, &[questions[2].clone(), other.clone()], 3).await, is_refused)?;
    let twins = [questions[2].clone(), Question { id: questions[2].id.clone(), ..other }];
    law.fails(store.plan(&run, &twins, 3).await, is_refused)?;
    law.same(&law.done(store.progress(&run).await)?, &Progress { planned: 4, begun: 0, ended: 0 })?;
    law.same(&law.done(store.plan(&run, &questions, 3).await)?, &5)?;
    let claims = law.done(store.claim(&run, &Worker::new("all"), 100).await)?;
    let expected = vec![(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)];
    law.same(&places(&claims), &expected)?;
    law.same(&claims.first().map(|claim| &claim.question), &questions.first())
}

async fn work_goes_to_one_at_a_time(store: &dyn RunStore) -> Result<(), Violation> {
    let law = Law("an attempt is one worker's until it ends or is given up");
    let run = run_of(&planned(store, law, "claims", 3, 2).await?);
    let (here, there) = (Worker::new("here"), Worker::new("there"));
    let mine = law.done(store.claim(&run, &here, 2).await)?;
    let theirs = law.done(store.claim(&run, &there, 2).await)?;
    law.same(&(places(&mine), places(&theirs)), &(vec![(0, 0), (0, 1)], vec![(0, 2), (1, 0)]))?;
    law.same(&law.done(store.renew(&mine).await)?, &Vec::new())?;

    let (id, begin) = (mine[0].id(), Entry::Begin(Box::new(mine[0].begin())));
    let node = Box::new(Node::given(None, Message::user("?")));
    let first = Entry::Node { attempt: id.clone(), place: NodeId::new(0), node };
    law.done(store.write(vec![begin.clone(), first], Some(&mine[0])).await)?;
    let other = Entry::Begin(Box::new(mine[1].begin()));
    law.fails(store.write(vec![other], Some(&mine[0])).await, |error| matches!(error, StoreError::Invalid { .. }))?;
    law.same(&law.done(store.progress(&run).await)?, &Progress { planned: 6, begun: 1, ended: 0 })?;
    let end = Entry::End { attempt: id, stop: StopReason::Loop, answer: None };
    law.done(store.write(vec![end], Some(&mine[0])).await)?;
    law.same(&law.done(store.progress(&run).await)?, &Progress { planned: 6, begun: 1, ended: 1 })?;

    law.done(store.release(&mine).await)?;
    let again = law.done(store.claim(&run, &there, 100).await)?;
    law.same(&places(&again), &vec![(0, 1), (1, 1), (1, 2)])?;
    law.same(&law.done(store.renew(&mine).await)?, &mine)?;
    let late = Entry::Begin(Box::new(mine[1].begin()));
    law.fails(store.write(vec![late], Some(&mine[1])).await, |error| matches!(error, StoreError::ClaimLost { .. }))?;
    law.holds(again[0].fence > mine[1].fence, "a later claim with no higher fence")
}

async fn a_dead_worker_loses_its_claims(store: &dyn RunStore) -> Result<(), Violation> {
    let law = Law("a worker that does not renew its claims loses them to the next one");
    let run = run_of(&planned(store, law, "leases", 2, 1).await?);
    let short = Worker { lease: Duration::from_millis(400), ..Worker::new("short") };
    let lost = law.done(store.claim(&run, &short, 1).await)?;
    law.same(&places(&law.done(store.claim(&run, &Worker::new("next"), 100).await)?), &vec![(0, 1)])?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    law.same(&law.done(store.renew(&lost).await)?, &Vec::new())?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    law.same(&law.done(store.claim(&run, &Worker::new("next"), 100).await)?, &Vec::new())?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Nobody has taken it yet, so it is still its own.
    let begin = || vec![Entry::Begin(Box::new(lost[0].begin()))];
    law.done(store.write(begin(), Some(&lost[0])).await)?;
    let taken = law.done(store.claim(&run, &Worker::new("next"), 100).await)?;
    law.same(&places(&taken), &vec![(0, 0)])?;
    law.fails(store.write(begin(), Some(&lost[0])).await, |error| matches!(error, StoreError::ClaimLost { .. }))?;
    law.same(&law.done(store.renew(&lost).await)?, &lost)?;
    law.done(store.release(&lost).await)?;
    law.done(store.write(begin(), Some(&taken[0])).await)
}
