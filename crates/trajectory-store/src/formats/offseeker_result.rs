//! OffSeeker's results: `{id, judge_result, token_count, source, question, answer, model_response, trajectory}`.
//!
//! `trajectory` is a list of sessions, each a list of messages with a role and a text. An attempt is one row, and each
//! branch that is written is a session.

use offseeker_trajectory::{Grade, Outcome, Question, QuestionId, Trajectory};
use serde_json::{Value, json};

use super::conversation::{self, Conversation};
use super::fields::Fields;
use super::{Branches, RowError, kept, message, tagged};

pub(super) const NAME: &str = "offseeker_result";

/// By what name the verdict of a row is kept as a grade.
const JUDGE: &str = "offseeker/judge";

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let sessions = Conversation::all(trajectory, branches)?;
    let sessions: Value = sessions.iter().map(|session| tagged::written(&session.messages)).collect();
    let question = &trajectory.question;
    let row = json!({
        "id": question.id.as_str(),
        "judge_result": verdict(trajectory),
        "token_count": trajectory.usage().total_tokens(),
        "source": question.metadata.get("source").cloned().unwrap_or_default(),
        "question": question.text,
        "answer": first_answer(question),
        "model_response": trajectory.answer.as_deref().unwrap_or_default(),
        "trajectory": sessions,
    });
    Ok(vec![kept::with(trajectory, NAME, row)])
}

/// What the last grader who could tell has said.
fn verdict(trajectory: &Trajectory) -> Value {
    let told = trajectory.grades.iter().rev().find_map(|grade| match grade.outcome {
        Outcome::Correct => Some("Yes"),
        Outcome::Wrong | Outcome::NoAnswer | Outcome::Malformed => Some("No"),
        _ => None,
    });
    json!(told)
}

/// The best spelling of the first right answer.
pub(super) fn first_answer(question: &Question) -> &str {
    question.answers.first().map(|answer| answer.text.as_str()).unwrap_or_default()
}

/// A question with one right answer, or none where the text is empty.
pub(super) fn question(text: String, answer: Option<String>) -> Question {
    Question::new(text, answer.filter(|answer| !answer.is_empty()))
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let (id, text) = (row.id()?, row.text("question")?);
    let mut question = question(text, row.text_if_any("answer"));
    if let Some(named) = row.text_if_any("id") {
        question.id = QuestionId::new(named);
    }
    if let Some(source) = row.take("source") {
        question.metadata.insert("source".to_owned(), source);
    }
    let mut trajectory = Trajectory::new(question, 0);
    trajectory.id = id;
    trajectory.answer = row.text_if_any("model_response").filter(|answer| !answer.is_empty());
    if let Some(correct) = judged(&row) {
        let outcome = if correct { Outcome::Correct } else { Outcome::Wrong };
        trajectory.grades.push(Grade::scored(JUDGE, outcome, f64::from(u8::from(correct))));
    }
    for (at, session) in row.list("trajectory")?.into_iter().enumerate() {
        let field = format!("trajectory[{at}]");
        let Value::Array(session) = session else { return Err(RowError::field(&field, "is not a list of messages")) };
        let messages =
            session.into_iter().enumerate().map(|(at, value)| message::read(value, &format!("{field}[{at}]")));
        conversation::push(&mut trajectory, messages.collect::<Result<_, _>>()?)?;
    }
    let known = matches!(row.get("judge_result"), Some(Value::String(told)) if told == "Yes" || told == "No");
    if known || row.get("judge_result").is_some_and(Value::is_null) {
        row.take("judge_result");
    }
    kept::keep(&mut trajectory, NAME, row.rest());
    Ok(trajectory)
}

/// The verdict, in any of the ways to say yes or no.
fn judged(row: &Fields) -> Option<bool> {
    match row.get("judge_result")? {
        Value::Bool(correct) => Some(*correct),
        Value::String(told) if told.eq_ignore_ascii_case("yes") => Some(true),
        Value::String(told) if told.eq_ignore_ascii_case("no") => Some(false),
        _ => None,
    }
}
