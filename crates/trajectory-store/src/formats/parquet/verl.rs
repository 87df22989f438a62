//! Questions as verl reads them, as rows.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Int64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::ParquetRow;
use super::messages::{list_of, lists, text, texts};
use crate::formats::{RowError, VerlExtra, VerlMessage, VerlReward, VerlRow, VerlTruth};

static MESSAGE: LazyLock<Fields> = LazyLock::new(|| vec![text("role", false), text("content", false)].into());

static TARGET: LazyLock<Arc<Field>> = LazyLock::new(|| Arc::new(text("item", false)));

static TRUTH: LazyLock<Fields> =
    LazyLock::new(|| vec![Field::new("target", DataType::List(TARGET.clone()), false)].into());

static REWARD: LazyLock<Fields> = LazyLock::new(|| {
    vec![text("style", false), Field::new("ground_truth", DataType::Struct(TRUTH.clone()), false)].into()
});

static EXTRA: LazyLock<Fields> =
    LazyLock::new(|| vec![text("split", false), Field::new("index", DataType::Int64, false), text("id", false)].into());

impl ParquetRow for VerlRow {
    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            text("data_source", false),
            Field::new("prompt", list_of(&MESSAGE), false),
            text("ability", false),
            Field::new("reward_model", DataType::Struct(REWARD.clone()), false),
            Field::new("extra_info", DataType::Struct(EXTRA.clone()), false),
        ]))
    }

    fn batch(rows: &[Self]) -> Result<RecordBatch, (usize, RowError)> {
        let said: Vec<&VerlMessage> = rows.iter().flat_map(|row| &row.prompt).collect();
        let prompt = vec![
            texts(said.iter().map(|message| message.role.as_str())),
            texts(said.iter().map(|message| message.content.as_str())),
        ];
        let columns = vec![
            texts(rows.iter().map(|row| row.data_source.as_str())),
            lists(&MESSAGE, prompt, rows.iter().map(|row| row.prompt.len()), None),
            texts(rows.iter().map(|row| row.ability.as_str())),
            rewards(rows),
            extras(rows),
        ];
        RecordBatch::try_new(Self::schema(), columns).map_err(|error| (0, RowError::unwritable(error)))
    }

    fn size(&self) -> usize {
        let said: usize = self.prompt.iter().map(|message| message.content.len() + 16).sum();
        said + self.reward_model.ground_truth.target.iter().map(String::len).sum::<usize>() + 64
    }

    fn check(&self) -> Result<(), RowError> {
        Ok(())
    }

    /// Who made the row has been asked for that.
    fn check_seal(&self) -> Result<(), RowError> {
        Ok(())
    }

    fn columns() -> &'static [&'static str] {
        &["data_source", "prompt", "ability", "reward_model", "extra_info"]
    }

    fn rows(batch: &RecordBatch) -> Vec<Result<Self, RowError>> {
        (0..batch.num_rows()).map(|at| read(batch, at)).collect()
    }
}

fn rewards(rows: &[VerlRow]) -> ArrayRef {
    let targets = |row: &VerlRow| row.reward_model.ground_truth.target.len();
    let lengths = OffsetBuffer::from_lengths(rows.iter().map(targets));
    let all = rows.iter().flat_map(|row| &row.reward_model.ground_truth.target);
    let target = ListArray::new(TARGET.clone(), lengths, texts(all.map(String::as_str)), None);
    let truth = StructArray::new(TRUTH.clone(), vec![Arc::new(target)], None);
    let style = texts(rows.iter().map(|row| row.reward_model.style.as_str()));
    Arc::new(StructArray::new(REWARD.clone(), vec![style, Arc::new(truth)], None))
}

fn extras(rows: &[VerlRow]) -> ArrayRef {
    let columns: Vec<ArrayRef> = vec![
        texts(rows.iter().map(|row| row.extra_info.split.as_str())),
        Arc::new(rows.iter().map(|row| Some(row.extra_info.index)).collect::<Int64Array>()),
        texts(rows.iter().map(|row| row.extra_info.id.as_str())),
    ];
    Arc::new(StructArray::new(EXTRA.clone(), columns, None))
}

/// Reads a row, be it ours or another's: the right answer may be a text, and what is not needed may be missing.
fn read(batch: &RecordBatch, at: usize) -> Result<VerlRow, RowError> {
    let column = |name: &str| batch.column_by_name(name);
    let needed = |name: &str| column(name).ok_or_else(|| RowError::missing(name));
    let reward = needed("reward_model")?;
    let reward = reward.as_struct_opt().ok_or_else(|| RowError::field("reward_model", "is no struct"))?;
    let extra = column("extra_info").and_then(|column| column.as_struct_opt());
    let part = |name: &str| extra.and_then(|extra| extra.column_by_name(name));
    let index = part("index").and_then(|column| cast(column, &DataType::Int64).ok());
    Ok(VerlRow {
        data_source: string(needed("data_source")?, at).ok_or_else(|| RowError::missing("data_source"))?,
        prompt: prompt(needed("prompt")?, at)?,
        ability: column("ability").and_then(|column| string(column, at)).unwrap_or_default(),
        reward_model: VerlReward {
            style: reward.column_by_name("style").and_then(|column| string(column, at)).unwrap_or_default(),
            ground_truth: VerlTruth { target: target(reward, at)? },
        },
        extra_info: VerlExtra {
            split: part("split").and_then(|column| string(column, at)).unwrap_or_default(),
            index: index.map(|column| column.as_primitive::<Int64Type>().value(at)).unwrap_or_default(),
            id: part("id").and_then(|column| string(column, at)).unwrap_or_default(),
        },
    })
}

fn prompt(column: &ArrayRef, at: usize) -> Result<Vec<VerlMessage>, RowError> {
    let wrong = || RowError::field("prompt", "is no list of structs with `role` and `content`");
    let items = item_at(column, at).ok_or_else(wrong)?;
    let items = items.as_struct_opt().ok_or_else(wrong)?;
    let (roles, contents) = items.column_by_name("role").zip(items.column_by_name("content")).ok_or_else(wrong)?;
    let message = |at| {
        let (role, content) = string(roles, at).zip(string(contents, at)).ok_or_else(wrong)?;
        Ok(VerlMessage { role, content })
    };
    (0..items.len()).map(message).collect()
}

/// The right answers: a list in a struct, a list, or one text.
fn target(reward: &StructArray, at: usize) -> Result<Vec<String>, RowError> {
    let field = "reward_model.ground_truth";
    let mut column = reward.column_by_name("ground_truth").ok_or_else(|| RowError::missing(field))?;
    if let Some(truth) = column.as_struct_opt() {
        column = truth.column_by_name("target").ok_or_else(|| RowError::missing("reward_model.ground_truth.target"))?;
    }
    if let Some(only) = string(column, at) {
        return Ok(vec![only]);
    }
    let items = item_at(column, at).ok_or_else(|| RowError::field(field, "is neither a text nor a list of texts"))?;
    (0..items.len()).map(|at| string(&items, at).ok_or_else(|| RowError::field(field, "holds no texts"))).collect()
}

fn item_at(column: &ArrayRef, at: usize) -> Option<ArrayRef> {
    if let Some(lists) = column.as_list_opt::<i64>() {
        return (!lists.is_null(at)).then(|| lists.value(at));
    }
    column.as_list_opt::<i32>().filter(|lists| !lists.is_null(at)).map(|lists| lists.value(at))
}

/// The text in a row, in any of the types that hold texts.
fn string(column: &ArrayRef, at: usize) -> Option<String> {
    let one = column.slice(at, 1);
    if !matches!(one.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) || one.is_null(0) {
        return None;
    }
    let one = cast(&one, &DataType::Utf8).ok()?;
    one.as_any().downcast_ref::<StringArray>().map(|texts| texts.value(0).to_owned())
}
