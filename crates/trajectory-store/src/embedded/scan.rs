//! Which attempts fit a filter, as a question to SQLite.

use offseeker_trajectory::TrajectoryId;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::attempt::sortable;
use super::fault::Maybe;
use crate::{Filter, GradeFilter};

/// How many ids are read at once.
pub(super) const AT_ONCE: usize = 1000;

/// The next ids that fit, in their order: those after another one, or the first ones.
pub(super) fn scan(db: &Connection, filter: &Filter, after: Option<&TrajectoryId>) -> Maybe<Vec<TrajectoryId>> {
    let (asked, values) = asked(filter, after);
    let mut statement = db.prepare_cached(&asked)?;
    let ids = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(0))?;
    Ok(ids.map(|id| id.map(TrajectoryId::new)).collect::<Result<_, _>>()?)
}

/// What SQLite is asked, and what stands in it for question marks.
fn asked(filter: &Filter, after: Option<&TrajectoryId>) -> (String, Vec<Value>) {
    let mut question = Question::default();
    question.ask(filter);
    if let Some(after) = after {
        question.and("id > ?", [after.as_str().to_owned().into()]);
    }
    let wanted = if question.wanted.is_empty() { "1" } else { question.wanted.as_str() };
    // There are few attempts at one question, and SQLite cannot know that.
    let index = if filter.question.is_some() { "INDEXED BY attempt_by_question" } else { "" };
    (format!("SELECT id FROM attempt {index} WHERE {wanted} ORDER BY id LIMIT {AT_ONCE}"), question.values)
}

/// A condition that grows, and what stands in it for question marks.
///
/// A key has the type of a number and the columns that refer to it have none, which would keep SQLite from their indexes;
/// the plus sign takes the type away.
#[derive(Default)]
struct Question {
    wanted: String,
    values: Vec<Value>,
}

impl Question {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        if !self.wanted.is_empty() {
            self.wanted.push_str(" AND ");
        }
        self.wanted.push_str(condition);
        self.values.extend(values);
    }

    fn ask(&mut self, filter: &Filter) {
        let Filter { run, question, model, ended, stop, grade, from_ms, until_ms } = filter;
        if let Some(run) = run {
            self.and("run = (SELECT +key FROM run WHERE id = ?)", [run.as_str().to_owned().into()]);
        }
        if let Some(question) = question {
            let id = question.as_str().to_owned();
            self.and("question IN (SELECT +key FROM question WHERE id = ?)", [id.into()]);
        }
        if let Some(model) = model {
            self.and("model = ?", [model.clone().into()]);
        }
        match ended {
            Some(true) => self.and("stop IS NOT NULL", []),
            Some(false) => self.and("stop IS NULL", []),
            None => {}
        }
        if let Some(stop) = stop {
            self.and("stop = ?", [stop.clone().into()]);
        }
        if let Some(grade) = grade {
            self.ask_grade(grade);
        }
        if let Some(from) = from_ms {
            self.and("begun >= ?", [sortable(*from).into()]);
        }
        if let Some(until) = until_ms {
            self.and("begun < ?", [sortable(*until).into()]);
        }
    }

    fn ask_grade(&mut self, GradeFilter { grader, outcome, at_least, at_most }: &GradeFilter) {
        let mut condition = "EXISTS (SELECT 1 FROM grade WHERE attempt = +attempt.key AND grader = ?".to_owned();
        let mut values: Vec<Value> = vec![grader.clone().into()];
        if let Some(outcome) = outcome {
            condition.push_str(" AND outcome = ?");
            values.push(outcome.clone().into());
        }
        for (bound, compared) in [(at_least, " AND value >= ?"), (at_most, " AND value <= ?")] {
            if let Some(bound) = bound {
                condition.push_str(compared);
                values.push((*bound).into());
            }
        }
        condition.push(')');
        self.and(&condition, values);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use offseeker_trajectory::{QuestionId, RunId};
    use rusqlite::{Connection, params_from_iter};

    use super::asked;
    use crate::{Filter, GradeFilter};

    #[test]
    fn attempts_are_found_by_indexes() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("schema.sql")).unwrap();
        let check = |filter: &Filter, expected: &str| {
            let (asked, values) = asked(filter, None);
            let mut explained = db.prepare(&format!("EXPLAIN QUERY PLAN {asked}")).unwrap();
            let plan = explained.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = plan.map(Result::unwrap).collect();
            assert!(plan.iter().any(|step| step.contains(expected)), "{plan:?}");
        };
        let (run, question) = (Some(RunId::new("run")), Some(QuestionId::new("question")));
        let (stop, grade) = (Some("answered".to_owned()), Some(GradeFilter::default()));
        check(&Filter { run: run.clone(), ..Filter::default() }, "attempt_by_run (run=?)");
        check(&Filter { question: question.clone(), ..Filter::default() }, "attempt_by_question (question=?)");
        check(&Filter { run, question, stop: stop.clone(), ..Filter::default() }, "attempt_by_question (question=?)");
        check(&Filter { stop, ..Filter::default() }, "attempt_by_stop (stop=?)");
        check(&Filter { model: Some("made".to_owned()), ..Filter::default() }, "attempt_by_model (model=?)");
        check(
            &Filter { from_ms: Some(1), until_ms: Some(2), ..Filter::default() },
            "attempt_by_begun (begun>? AND begun<?)",
        );
        check(&Filter { grade, ..Filter::default() }, "grade_by_attempt (attempt=? AND grader=?)");
    }
}
