//! Finds attempts by the columns that a filter is about, a page of ids at a time.

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use offseeker_trajectory::{QuestionId, RunId, TrajectoryId};
use tokio_postgres::types::ToSql;

use super::Postgres;
use super::failure::Failure;
use super::load::id_of;
use super::session::Parameters;
use crate::{Filter, GradeFilter, StoreError};

/// How many ids a page has.
const PAGE: usize = 1000;

/// A moment as the tables hold it, in the order of the moments.
pub(super) fn moment(clock_ms: u64) -> i64 {
    (clock_ms ^ (1 << 63)).cast_signed()
}

impl Postgres {
    /// The ids of what fits, in their order.
    pub(super) fn pages(&self, filter: Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        futures::stream::try_unfold(Some((filter, None)), async move |state| {
            let Some((filter, after)) = state else { return Ok(None) };
            let page = self.again(|| self.page(&filter, after.as_ref())).await?;
            let last = page.last().cloned().filter(|_| page.len() == PAGE);
            let next = last.map(|last| (filter, Some(last)));
            Ok(Some((futures::stream::iter(page.into_iter().map(Ok)), next)))
        })
        .try_flatten()
        .boxed()
    }

    async fn page(&self, filter: &Filter, after: Option<&TrajectoryId>) -> Result<Vec<TrajectoryId>, Failure> {
        let mut wanted = Conditions::default();
        wanted.add_filter(filter);
        if let Some(after) = after {
            wanted.add("a.id >", after.as_str().as_bytes());
        }
        let sql = format!("SELECT a.id FROM @attempt a WHERE {} ORDER BY a.id LIMIT {PAGE}", wanted.sql());
        let session = self.session().await?;
        let statement = session.statement(&sql).await?;
        let parameters: Vec<&(dyn ToSql + Sync)> = wanted.parameters.iter().map(|one| &**one as _).collect();
        let rows = session.client().query(&statement, &parameters).await?;
        rows.iter().map(|row| id_of(row.try_get(0)?)).collect()
    }
}

/// What is said of a row, and the values that it is said with.
#[derive(Default)]
struct Conditions<'a> {
    parts: Vec<String>,
    parameters: Parameters<'a>,
}

impl<'a> Conditions<'a> {
    fn sql(&self) -> String {
        if self.parts.is_empty() { "true".to_owned() } else { self.parts.join(" AND ") }
    }

    /// A comparison with a value: `a.run =`.
    fn add(&mut self, comparison: &str, value: impl ToSql + Sync + Send + 'a) {
        self.parameters.push(Box::new(value));
        self.parts.push(format!("{comparison} ${}", self.parameters.len()));
    }

    fn add_text(&mut self, comparison: &str, text: Option<&'a str>) {
        if let Some(text) = text {
            self.add(comparison, text.as_bytes());
        }
    }

    fn add_filter(&mut self, filter: &'a Filter) {
        self.add_text("a.run =", filter.run.as_ref().map(RunId::as_str));
        self.add_text("a.question =", filter.question.as_ref().map(QuestionId::as_str));
        self.add_text("a.model =", filter.model.as_deref());
        self.add_text("a.stop =", filter.stop.as_deref());
        if let Some(ended) = filter.ended {
            self.parts.push(format!("a.stop IS {} NULL", if ended { "NOT" } else { "" }));
        }
        if let Some(from) = filter.from_ms {
            self.add("a.begun >=", moment(from));
        }
        if let Some(until) = filter.until_ms {
            self.add("a.begun <", moment(until));
        }
        if let Some(grade) = &filter.grade {
            self.add_grade(grade);
        }
    }

    /// One grade has to fit everything that is said of it.
    fn add_grade(&mut self, grade: &'a GradeFilter) {
        let before = std::mem::take(&mut self.parts);
        self.add_text("g.grader =", Some(&grade.grader));
        self.add_text("g.outcome =", grade.outcome.as_deref());
        if let Some(least) = grade.at_least {
            self.add_bound("g.value >=", least);
        }
        if let Some(most) = grade.at_most {
            self.add_bound("g.value <=", most);
        }
        let of_grade = std::mem::replace(&mut self.parts, before).join(" AND ");
        self.parts.push(format!("EXISTS (SELECT 1 FROM @grade g WHERE g.attempt = a.key AND {of_grade})"));
    }

    /// What is not a number is less and greater than nothing here; to Postgres it is the greatest of all.
    fn add_bound(&mut self, comparison: &str, bound: f64) {
        if bound.is_nan() {
            self.parts.push("false".to_owned());
        } else {
            self.add(comparison, bound);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_keep_their_order() {
        let moments = [0, 1, 1_700_000_000_000, u64::MAX / 2, u64::MAX / 2 + 1, u64::MAX];
        assert!(moments.map(moment).is_sorted_by(|left, right| left < right));
    }
}
