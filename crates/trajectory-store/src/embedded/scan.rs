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
    let mut question = Question::default();
    question.ask(filter);
    if let Some(after) = after {
        question.and("id > ?", [after.as_str().to_owned().into()]);
    }
    let wanted = if question.wanted.is_empty() { "1" } else { question.wanted.as_str() };
    let mut statement =
        db.prepare_cached(&format!("SELECT id FROM attempt WHERE {wanted} ORDER BY id LIMIT {AT_ONCE}"))?;
    let ids = statement.query_map(params_from_iter(question.values), |row| row.get::<_, String>(0))?;
    Ok(ids.map(|id| id.map(TrajectoryId::new)).collect::<Result<_, _>>()?)
}

/// A condition that grows, and what stands in it for question marks.
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
            self.and("run = (SELECT key FROM run WHERE id = ?)", [run.as_str().to_owned().into()]);
        }
        if let Some(question) = question {
            let id = question.as_str().to_owned();
            self.and("question IN (SELECT key FROM question WHERE id = ?)", [id.into()]);
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
        let mut condition = "EXISTS (SELECT 1 FROM grade WHERE attempt = attempt.key AND grader = ?".to_owned();
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
