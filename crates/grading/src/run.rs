//! Grades the attempts in a store, several at once, and goes on where it was.
//!
//! A [`Grading`] asks each grader about each attempt that lacks its grade, and writes every grade as soon as it is known.
//! What could not be found out leaves nothing behind: the next run asks for it, and only for it, and in the end the store
//! has the grades that it would have if nothing had ever failed.

mod at_work;
mod complete;
mod event;
mod outages;
mod tally;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use offseeker_trajectory::QuestionId;
use offseeker_trajectory_store::{Filter, StoreError, TrajectoryStore};
use tokio::task::{JoinError, JoinSet};

pub use event::{Event, Watcher};
pub use offseeker_remote::Stop;
pub use tally::{OfGrader, Tally};

use crate::{GradeError, Grader, GroupGrader};
use at_work::{AtWork, Done, Item};
use outages::Outages;
use tally::Count;

/// Grades the attempts in a store, several at once.
///
/// An attempt that ended through no fault of its own is never shown to a grader: it gets an unscored grade, which a later run
/// replaces if the attempt was taken up again. Attempts under way are left alone. A [`GroupGrader`] is shown all attempts at
/// a question that fit the filter and have ended, once each of them that lacks its grade is found; all of its grades for a
/// question are written together. When another attempt has ended, the whole group is graded anew.
///
/// An attempt that has a value by every grader is not even read. In memory are as many attempts as are worked on at once
/// (or groups of them), and the names of the questions whose groups are to be graded. The grades of an attempt do not depend on how many are worked on at once.
#[derive(Debug, Clone)]
pub struct Grading {
    store: Arc<dyn TrajectoryStore>,
    graders: Vec<Arc<dyn Grader>>,
    group_graders: Vec<Arc<dyn GroupGrader>>,
    /// Which attempts are graded. All that have ended.
    pub filter: Filter,
    /// What is done where there is a grade already. It is left.
    pub regrade: Regrade,
    /// How many attempts, or groups, are worked on at once. 16.
    pub at_once: usize,
    /// How often in a row a grader may fail before the run is given up. 16.
    pub most_outages: u32,
    /// Is told what happens.
    pub watcher: Watcher,
    /// Stops the run.
    pub stop: Stop,
}

/// What is done where there is a grade already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Regrade {
    /// It is left.
    #[default]
    Missing,
    /// One without a value is asked for again.
    Unscored,
    /// It is asked for again.
    All,
}

impl Grading {
    /// Grades all attempts of a store that have ended, by no grader yet.
    #[must_use]
    pub fn new(store: Arc<dyn TrajectoryStore>) -> Self {
        Self {
            store,
            graders: Vec::new(),
            group_graders: Vec::new(),
            filter: Filter::default(),
            regrade: Regrade::default(),
            at_once: 16,
            most_outages: 16,
            watcher: Watcher::default(),
            stop: Stop::default(),
        }
    }

    /// Grades by one more grader.
    #[must_use]
    pub fn by(mut self, grader: impl Grader + 'static) -> Self {
        self.graders.push(Arc::new(grader));
        self
    }

    /// Grades groups by one more grader, after the attempts have the grades of all others.
    #[must_use]
    pub fn by_group(mut self, grader: impl GroupGrader + 'static) -> Self {
        self.group_graders.push(Arc::new(grader));
        self
    }

    /// Grades what lacks a grade, and says how much that was.
    ///
    /// It may be run again at any time, and killed at any time. Where it is stopped, the tally says so.
    ///
    /// # Errors
    ///
    /// [`GradeError::Outage`] where a grader failed too often in a row, [`GradeError::Store`] where the store fails,
    /// [`GradeError::Invalid`] for settings that make no sense. Grades that were written stay.
    pub async fn run(&self) -> Result<Tally, GradeError> {
        self.check()?;
        let at_work = Arc::new(AtWork {
            store: self.store.clone(),
            graders: self.graders.clone(),
            group_graders: self.group_graders.clone(),
            filter: Filter { ended: Some(true), ..self.filter.clone() },
            regrade: self.regrade,
            watcher: self.watcher.clone(),
            outages: Outages::new(self.most_outages),
        });
        let mut tally = Tally::default();
        let names = if self.regrade == Regrade::All { Vec::new() } else { self.names().collect() };
        let attempts = complete::attempts(self.store.as_ref(), &at_work.filter, &names);
        let questions = self.work(&at_work, attempts, &mut tally).await?;
        let groups = stream::iter(questions.into_iter().map(|question| Ok(Item::Group(question)))).boxed();
        self.work(&at_work, groups, &mut tally).await?;
        tally.stopped = self.stop.is_asked();
        Ok(tally)
    }

    /// Works on items, a few at a time, and says at which questions there are groups to be graded.
    async fn work(
        &self,
        at_work: &Arc<AtWork>,
        mut items: BoxStream<'_, Result<Item, StoreError>>,
        tally: &mut Tally,
    ) -> Result<BTreeSet<QuestionId>, GradeError> {
        let mut under_way = JoinSet::new();
        let (mut questions, mut is_at_end) = (BTreeSet::new(), false);
        loop {
            while under_way.len() < self.at_once.max(1) && !is_at_end && !self.stop.is_asked() {
                match items.try_next().await? {
                    Some(Item::Complete) => tally.take(self.complete()),
                    Some(item) => drop(under_way.spawn(at_work.clone().work(item))),
                    None => is_at_end = true,
                }
            }
            let finished = tokio::select! {
                biased;
                () = self.stop.asked() => break,
                finished = under_way.join_next() => finished,
            };
            let Some(finished) = finished else { break };
            let Done { counts, ungrouped } = finished.map_err(|error| fell(&error))??;
            questions.extend(ungrouped);
            tally.take(counts);
        }
        under_way.shutdown().await;
        Ok(questions)
    }

    /// The names of all graders.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.graders.iter().map(Grader::name).chain(self.group_graders.iter().map(GroupGrader::name))
    }

    /// What there is to count of an attempt that has every grade.
    fn complete(&self) -> Vec<Count> {
        let had = self.names().map(|grader| Count::Had { grader: grader.to_owned() });
        std::iter::once(Count::Attempt).chain(had).collect()
    }

    /// Refuses what could only go wrong.
    fn check(&self) -> Result<(), GradeError> {
        let invalid = |reason: String| Err(GradeError::Invalid { reason });
        if self.filter.ended == Some(false) {
            return invalid("attempts under way are not graded; leave `ended` out of the filter".to_owned());
        }
        let mut known = BTreeSet::new();
        for name in self.names() {
            if name.is_empty() || !known.insert(name) {
                return invalid(format!("two graders are called {name:?}, or one has no name; grades go by it"));
            }
        }
        if known.is_empty() { invalid("there is no grader".to_owned()) } else { Ok(()) }
    }
}

/// A grader that panicked.
fn fell(error: &JoinError) -> GradeError {
    GradeError::Broken { grader: "a grader".to_owned(), reason: error.to_string() }
}
