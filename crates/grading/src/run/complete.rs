//! Finds the attempts that have every grade already, without reading them.

use futures::stream::{BoxStream, Fuse, try_unfold};
use futures::{StreamExt, TryStreamExt};
use offseeker_trajectory::TrajectoryId;
use offseeker_trajectory_store::{Filter, GradeFilter, StoreError, TrajectoryStore};

use super::at_work::Item;

/// The attempts that fit, each marked whether it has a value by every one of these graders. Where there are no graders, or
/// the filter asks for a grade itself, none is marked.
pub(super) fn attempts<'a>(
    store: &'a dyn TrajectoryStore,
    filter: &Filter,
    graders: &[&str],
) -> BoxStream<'a, Result<Item, StoreError>> {
    let looks = filter.grade.is_none();
    let graded = graders.iter().filter(|_| looks).map(|grader| Graded::new(store, filter, grader)).collect();
    let next = |(mut ids, mut graded): (BoxStream<'a, Result<TrajectoryId, StoreError>>, Vec<Graded<'a>>)| async move {
        let Some(id) = ids.try_next().await? else { return Ok(None) };
        let is_complete = are_all(&mut graded, &id).await?;
        let item = if is_complete { Item::Complete } else { Item::Attempt(id) };
        Ok(Some((item, (ids, graded))))
    };
    try_unfold((store.scan(filter), graded), next).boxed()
}

/// The attempts that have a grade by one grader, and those among them whose grade has no value, which may be out of date.
struct Graded<'a> {
    all: Ids<'a>,
    open: Ids<'a>,
}

impl<'a> Graded<'a> {
    fn new(store: &'a dyn TrajectoryStore, filter: &Filter, grader: &str) -> Self {
        let with = |outcome: Option<&str>| {
            let grade =
                GradeFilter { grader: grader.to_owned(), outcome: outcome.map(str::to_owned), ..Default::default() };
            let filter = Filter { grade: Some(grade), ..filter.clone() };
            Ids { left: store.scan(&filter).fuse(), next: None }
        };
        Self { all: with(None), open: with(Some("unscored")) }
    }
}

async fn are_all(graded: &mut [Graded<'_>], id: &TrajectoryId) -> Result<bool, StoreError> {
    let mut are_all = !graded.is_empty();
    for grader in graded {
        are_all &= grader.all.has(id).await? && !grader.open.has(id).await?;
    }
    Ok(are_all)
}

/// Ids in their order, of which as many are read as are asked for.
struct Ids<'a> {
    left: Fuse<BoxStream<'a, Result<TrajectoryId, StoreError>>>,
    next: Option<TrajectoryId>,
}

impl Ids<'_> {
    /// Whether an id is among them; ids are asked for in their order.
    async fn has(&mut self, id: &TrajectoryId) -> Result<bool, StoreError> {
        while self.next.as_ref().is_none_or(|next| next < id) {
            match self.left.try_next().await? {
                Some(found) => self.next = Some(found),
                None => return Ok(false),
            }
        }
        Ok(self.next.as_ref() == Some(id))
    }
}
