//! Attempts, samples and pairs as rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use offseeker_trajectory::{Body, Message, Pair, RunId, Sample, StopReason, Trajectory};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ParquetRow;
use super::messages::{self, field, maybe_texts, text, texts};
use crate::formats::conversation::Conversation;
use crate::formats::error::{check_pair, check_question, check_sample};
use crate::formats::format::own;
use crate::formats::{Branches, RowError, trl};

/// The column in which all stands that a row holds.
const JSON: &str = "json";

/// The texts of all rows, in `json`.
fn json<T: Serialize>(rows: &[T]) -> Result<ArrayRef, (usize, RowError)> {
    let line = |(at, row)| serde_json::to_string(row).map_err(|error| (at, RowError::unwritable(error)));
    let lines: Vec<String> = rows.iter().enumerate().map(line).collect::<Result<_, _>>()?;
    Ok(texts(lines.iter().map(String::as_str)))
}

/// Says whether a row can be written as JSON.
fn check<T: Serialize>(row: &T) -> Result<(), RowError> {
    serde_json::to_writer(std::io::sink(), row).map_err(RowError::unwritable)
}

fn of_json<T: DeserializeOwned>(batch: &RecordBatch) -> Vec<Result<T, RowError>> {
    let Some(lines) = batch.column_by_name(JSON).and_then(|column| column.as_string_opt::<i32>()) else {
        return (0..batch.num_rows()).map(|_| Err(RowError::missing(JSON))).collect();
    };
    lines.iter().map(|line| own(line.ok_or_else(|| RowError::missing(JSON))?)).collect()
}

fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch, (usize, RowError)> {
    RecordBatch::try_new(schema, columns).map_err(|error| (0, RowError::unwritable(error)))
}

impl ParquetRow for Trajectory {
    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            text("id", false),
            text("run", true),
            text("question_id", false),
            text("question", false),
            Field::new("attempt", DataType::UInt32, false),
            text("model", true),
            text("answer", true),
            text("stop", true),
            Field::new("begun_ms", DataType::UInt64, true),
            Field::new("total_tokens", DataType::UInt64, false),
            field("messages"),
            text(JSON, false),
        ]))
    }

    fn batch(rows: &[Self]) -> Result<RecordBatch, (usize, RowError)> {
        let begun = |row: &Self| row.nodes().first().and_then(|node| node.at).map(|moment| moment.clock_ms);
        let main = |row: &Self| -> Vec<Message> {
            let found = Conversation::all(row, Branches::Main).unwrap_or_default();
            found.into_iter().next().map(|conversation| conversation.messages).unwrap_or_default()
        };
        let columns: Vec<ArrayRef> = vec![
            texts(rows.iter().map(|row| row.id.as_str())),
            maybe_texts(rows.iter().map(|row| row.run.as_ref().map(RunId::as_str))),
            texts(rows.iter().map(|row| row.question.id.as_str())),
            texts(rows.iter().map(|row| row.question.text.as_str())),
            Arc::new(rows.iter().map(|row| Some(row.attempt)).collect::<UInt32Array>()),
            maybe_texts(rows.iter().map(|row| row.model.as_deref())),
            maybe_texts(rows.iter().map(|row| row.answer.as_deref())),
            maybe_texts(rows.iter().map(|row| row.stop.as_ref().map(StopReason::kind))),
            Arc::new(rows.iter().map(begun).collect::<UInt64Array>()),
            Arc::new(rows.iter().map(|row| Some(row.usage().total_tokens())).collect::<UInt64Array>()),
            messages::column(&rows.iter().map(main).collect::<Vec<_>>()),
            json(rows)?,
        ];
        batch(Self::schema(), columns)
    }

    fn size(&self) -> usize {
        2 * messages::size(self.nodes().iter().map(|node| &node.message))
    }

    fn check(&self) -> Result<(), RowError> {
        check(self)
    }

    fn check_seal(&self) -> Result<(), RowError> {
        check_question(&self.question)
    }

    fn columns() -> &'static [&'static str] {
        &[JSON]
    }

    fn rows(batch: &RecordBatch) -> Vec<Result<Self, RowError>> {
        of_json(batch)
    }
}

/// The messages of a sample; none where it holds tokens.
fn sample_messages(sample: &Sample) -> Vec<Message> {
    Conversation::of_sample(sample).map(|conversation| conversation.messages).unwrap_or_default()
}

fn sample_tools(sample: &Sample) -> String {
    let conversation = Conversation::of_sample(sample).ok();
    conversation.map_or_else(|| "[]".to_owned(), |conversation| trl::tools_text(&conversation))
}

fn sample_size(sample: &Sample) -> usize {
    match &sample.body {
        Body::Tokens(tokens) => tokens.len() * 32,
        Body::Messages { messages, .. } => 2 * messages::size(messages.iter().map(|weighted| &weighted.message)),
    }
}

impl ParquetRow for Sample {
    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            text("id", false),
            text("trajectory", true),
            field("messages"),
            text("tools", false),
            text(JSON, false),
        ]))
    }

    fn batch(rows: &[Self]) -> Result<RecordBatch, (usize, RowError)> {
        let from = |row: &Self| row.from.as_ref().map(|from| from.trajectory.as_str().to_owned());
        let from: Vec<Option<String>> = rows.iter().map(from).collect();
        let tools: Vec<String> = rows.iter().map(sample_tools).collect();
        let columns: Vec<ArrayRef> = vec![
            texts(rows.iter().map(|row| row.id.as_str())),
            maybe_texts(from.iter().map(Option::as_deref)),
            messages::column(&rows.iter().map(sample_messages).collect::<Vec<_>>()),
            texts(tools.iter().map(String::as_str)),
            json(rows)?,
        ];
        batch(Self::schema(), columns)
    }

    fn size(&self) -> usize {
        sample_size(self)
    }

    fn check(&self) -> Result<(), RowError> {
        check(self)
    }

    fn check_seal(&self) -> Result<(), RowError> {
        check_sample(self)
    }

    fn columns() -> &'static [&'static str] {
        &[JSON]
    }

    fn rows(batch: &RecordBatch) -> Vec<Result<Self, RowError>> {
        of_json(batch)
    }
}

impl ParquetRow for Pair {
    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            text("question_id", false),
            field("prompt"),
            field("chosen"),
            field("rejected"),
            text("tools", false),
            Field::new("fork", DataType::Int64, false),
            Field::new("margin", DataType::Float64, true),
            text(JSON, false),
        ]))
    }

    fn batch(rows: &[Self]) -> Result<RecordBatch, (usize, RowError)> {
        let (mut prompts, mut chosen, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
        for (at, row) in rows.iter().enumerate() {
            // A pair of tokens has no messages; all that it holds stands in `json`.
            let tokens = matches!(row.chosen.body, Body::Tokens(_));
            let (prompt, better, worse) = if tokens {
                (Vec::new(), Vec::new(), Vec::new())
            } else {
                let (prompt, better, worse) = trl::sides(row).map_err(|error| (at, error))?;
                (prompt.messages, better, worse)
            };
            prompts.push(prompt);
            chosen.push(better);
            rejected.push(worse);
        }
        let tools: Vec<String> = rows.iter().map(|row| sample_tools(&row.chosen)).collect();
        let fork = |row: &Self| i64::try_from(row.fork).ok();
        let columns: Vec<ArrayRef> = vec![
            texts(rows.iter().map(|row| row.question.as_str())),
            messages::column(&prompts),
            messages::column(&chosen),
            messages::column(&rejected),
            texts(tools.iter().map(String::as_str)),
            Arc::new(rows.iter().map(fork).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.margin).collect::<Float64Array>()),
            json(rows)?,
        ];
        batch(Self::schema(), columns)
    }

    fn size(&self) -> usize {
        sample_size(&self.chosen) + sample_size(&self.rejected)
    }

    fn check(&self) -> Result<(), RowError> {
        if matches!(self.chosen.body, Body::Messages { .. }) {
            trl::sides(self)?;
        }
        check(self)
    }

    fn check_seal(&self) -> Result<(), RowError> {
        check_pair(self)
    }

    fn columns() -> &'static [&'static str] {
        &[JSON]
    }

    fn rows(batch: &RecordBatch) -> Vec<Result<Self, RowError>> {
        of_json(batch)
    }
}
