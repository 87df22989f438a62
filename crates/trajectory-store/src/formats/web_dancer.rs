//! `WebDancer`'s samples: `{type: "chatml", task, messages, functions, tool_calls, answer, tag}`.
//!
//! `answer` is a list of right answers, each a list of its spellings.

use offseeker_trajectory::{Answer, Question, ToolSpec, Trajectory};
use serde_json::{Value, json};

use super::conversation::{self, Conversation};
use super::fields::Fields;
use super::{Branches, RowError, kept, message};

pub(super) const NAME: &str = "web_dancer";

pub(super) fn write(trajectory: &Trajectory, branches: Branches) -> Result<Vec<Value>, RowError> {
    let row = |conversation: Conversation| {
        let answers = trajectory.question.answers.iter().map(|answer| answer.spellings().collect::<Vec<_>>());
        let row = json!({
            "type": "chatml",
            "task": trajectory.question.text,
            "messages": message::all_written(&conversation.messages),
            "functions": conversation.tools.iter().map(function).collect::<Value>(),
            "tool_calls": [],
            "answer": answers.collect::<Vec<_>>(),
            "tag": Value::Null,
        });
        kept::with(trajectory, NAME, row)
    };
    Ok(Conversation::all_or_empty(trajectory, branches)?.into_iter().map(row).collect())
}

fn function(tool: &ToolSpec) -> Value {
    json!({"name_for_model": tool.name, "description_for_model": tool.description, "parameters": tool.parameters})
}

pub(super) fn read(mut row: Fields) -> Result<Trajectory, RowError> {
    let id = row.id()?;
    match row.text("type")? {
        kind if kind == "chatml" => {}
        other => return Err(RowError::field("type", format!("is {other:?}; only `chatml` can be read"))),
    }
    let functions = row.get("functions").cloned();
    let conversation = Conversation { messages: row.messages("messages")?, tools: row.tools("functions")? };
    let answers = row.list("answer")?.into_iter().enumerate().map(answer).collect::<Result<Vec<_>, _>>()?;
    let task = row.text_if_any("task").unwrap_or_else(|| conversation.question());
    let mut trajectory = Trajectory::new(Question::new(task, answers), 0);
    trajectory.id = id;
    trajectory.answer = conversation.answer();
    row.take("tag").into_iter().for_each(|tag| kept_apart(&mut trajectory, "tag", tag));
    // A function that says more than we keep is kept whole.
    if let Some(functions) =
        functions.filter(|told| *told != conversation.tools.iter().map(function).collect::<Value>())
    {
        kept_apart(&mut trajectory, "functions", functions);
    }
    trajectory.tools = conversation.tools;
    if row.get("tool_calls") == Some(&json!([])) {
        row.take("tool_calls");
    }
    conversation::push(&mut trajectory, conversation.messages)?;
    row.rest().into_iter().for_each(|(field, value)| kept_apart(&mut trajectory, &field, value));
    Ok(trajectory)
}

fn kept_apart(trajectory: &mut Trajectory, field: &str, value: Value) {
    let kept = trajectory.metadata.entry(NAME).or_insert_with(|| json!({}));
    kept[field] = value;
}

fn answer((at, spellings): (usize, Value)) -> Result<Answer, RowError> {
    let field = format!("answer[{at}]");
    let spellings = match spellings {
        Value::String(only) => vec![only],
        other => serde_json::from_value::<Vec<String>>(other)
            .map_err(|error| RowError::field(&field, format!("is no list of texts: {error}")))?,
    };
    let mut spellings = spellings.into_iter();
    let text = spellings.next().ok_or_else(|| RowError::field(&field, "is an empty list"))?;
    Ok(Answer { text, aliases: spellings.collect() })
}
