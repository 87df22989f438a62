//! Works on the items of a stage until each has its result.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ledger::{LONGEST_LINE, Ledger, Mark};
use super::{Event, ExpandError, Setback, Stage};

/// What a stage does with an item.
#[async_trait]
pub(super) trait Step: Sync {
    /// What it works on.
    type Item: Send + Sync;
    /// What it gives.
    type Outcome: Serialize + DeserializeOwned + Send;

    /// Which stage it is.
    fn stage(&self) -> Stage;

    /// What names an item in the ledger.
    fn key(&self, item: &Self::Item) -> String;

    /// Works on an item; `tried` says why earlier attempts could not be used.
    async fn work(&self, item: &Self::Item, tried: &[String]) -> Result<Self::Outcome, Setback>;
}

/// What is told of progress.
pub(super) type Observer<'a> = dyn Fn(&Event<'_>) + Send + Sync + 'a;

/// How items are worked on.
pub(super) struct Pace<'a> {
    /// So many at once.
    pub(super) parallel: usize,
    /// So many outages in a row are the end.
    pub(super) most_outages: u32,
    /// An item is attempted so often.
    pub(super) attempts: usize,
    pub(super) events: &'a Observer<'a>,
}

type Worked<T> = (String, usize, Result<T, Setback>);

/// Works on the items that have no result yet until each has one, and writes each down before the next is begun.
///
/// # Errors
///
/// When there are too many outages in a row, or the ledger cannot be written.
pub(super) async fn settle<S: Step>(
    step: &S,
    items: &[S::Item],
    ledger: &mut Ledger<S::Outcome>,
    pace: &Pace<'_>,
) -> Result<(), ExpandError> {
    let mut outages = 0;
    loop {
        let pending = pending(step, items, ledger);
        if pending.is_empty() {
            return Ok(());
        }
        (pace.events)(&Event::Begun { stage: step.stage(), pending: pending.len() });
        let stopped = AtomicBool::new(false);
        let mut stop = None;
        // What is under way when the last outage comes is waited for, because it is paid for.
        let begun = pending.into_iter().take_while(|_| !stopped.load(Ordering::Relaxed));
        let works = futures::stream::iter(begun.map(|(item, key, tried)| worked(step, item, key, tried)));
        let mut done = works.buffer_unordered(pace.parallel.max(1)).ready_chunks(pace.parallel.max(1));
        while let Some(chunk) = done.next().await {
            let mut marks = Vec::with_capacity(chunk.len());
            for (key, before, result) in chunk {
                match mark(result, before + 1, pace.attempts) {
                    Ok(mark) => {
                        outages = 0;
                        marks.push((key, mark));
                    }
                    Err(reason) => {
                        (pace.events)(&Event::Again { stage: step.stage(), item: &key, reason: &reason, outage: true });
                        outages += 1;
                        if outages >= pace.most_outages {
                            stopped.store(true, Ordering::Relaxed);
                            stop = Some((outages, reason));
                        }
                    }
                }
            }
            let told: Vec<Told> = marks.iter().map(|(key, mark)| Told::of(key, mark)).collect();
            ledger.append(marks)?;
            told.iter().for_each(|told| told.tell(step.stage(), pace.events));
        }
        drop(done);
        if let Some((times, reason)) = stop {
            let pending = self::pending(step, items, ledger).len();
            return Err(ExpandError::Outages { stage: step.stage(), times, reason, pending });
        }
    }
}

/// The items without a result, each once.
fn pending<'a, S: Step>(
    step: &S,
    items: &'a [S::Item],
    ledger: &Ledger<S::Outcome>,
) -> Vec<(&'a S::Item, String, Vec<String>)> {
    let mut seen = HashSet::new();
    let keyed = items.iter().map(|item| (item, step.key(item))).filter(|(_, key)| seen.insert(key.clone()));
    keyed.filter_map(|(item, key)| ledger.pending(&key).map(|tried| (item, key, tried))).collect()
}

// A function of its own, because a closure that lends is not general enough for a stream that is sent.
fn worked<'a, S: Step>(
    step: &'a S,
    item: &'a S::Item,
    key: String,
    tried: Vec<String>,
) -> BoxFuture<'a, Worked<S::Outcome>> {
    Box::pin(async move {
        let result = step.work(item, &tried).await;
        (key, tried.len(), result)
    })
}

/// What is written down about an item; the reason, where an outage says nothing about it.
fn mark<T: Serialize>(result: Result<T, Setback>, attempts: usize, most: usize) -> Result<Mark<T>, String> {
    Ok(match result {
        Ok(result) => within(result),
        Err(Setback::Unusable { kind, reason }) if attempts < most => Mark::Tried { kind, reason: bounded(&reason) },
        Err(Setback::Unusable { kind, reason } | Setback::Verdict { kind, reason }) => {
            Mark::Failed { kind, reason: bounded(&reason), attempts }
        }
        Err(Setback::PassedOver { rule }) => Mark::Skipped { rule },
        Err(Setback::Outage { reason }) => return Err(reason),
    })
}

/// A result, where it can be written down.
fn within<T: Serialize>(result: T) -> Mark<T> {
    match serde_json::to_vec(&result) {
        Ok(bytes) if bytes.len() < LONGEST_LINE / 2 => Mark::Ok(result),
        Ok(bytes) => {
            let reason = format!("the result has {} bytes", bytes.len());
            Mark::Failed { kind: "too_large".to_owned(), reason, attempts: 1 }
        }
        Err(error) => Mark::Failed { kind: "unwritable".to_owned(), reason: error.to_string(), attempts: 1 },
    }
}

/// The beginning of a reason: what a server or a model says may be long.
fn bounded(reason: &str) -> String {
    reason.chars().take(400).collect()
}

/// What is told of an item once it is written down.
struct Told {
    key: String,
    is_again: bool,
    why: Option<String>,
}

impl Told {
    fn of<T>(key: &str, mark: &Mark<T>) -> Self {
        let (is_again, why) = match mark {
            Mark::Ok(_) => (false, None),
            Mark::Tried { reason, .. } => (true, Some(reason.clone())),
            Mark::Failed { kind, .. } => (false, Some(kind.clone())),
            Mark::Skipped { rule } => (false, Some(rule.clone())),
        };
        Self { key: key.to_owned(), is_again, why }
    }

    fn tell(&self, stage: Stage, events: &Observer<'_>) {
        let (item, why) = (self.key.as_str(), self.why.as_deref());
        if self.is_again {
            events(&Event::Again { stage, item, reason: why.unwrap_or_default(), outage: false });
        } else {
            events(&Event::Settled { stage, item, without: why });
        }
    }
}
