//! Messages as a column: lists of structs with the fields of OpenAI's protocol.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, ListArray, StringArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Fields};
use offseeker_trajectory::{Message, ToolCall};

static FUNCTION: LazyLock<Fields> = LazyLock::new(|| vec![text("name", false), text("arguments", false)].into());

static CALL: LazyLock<Fields> = LazyLock::new(|| {
    let function = Field::new("function", DataType::Struct(FUNCTION.clone()), false);
    vec![text("id", false), text("type", false), function].into()
});

static MESSAGE: LazyLock<Fields> = LazyLock::new(|| {
    vec![
        text("role", false),
        text("content", false),
        text("reasoning_content", true),
        Field::new("tool_calls", list_of(&CALL), true),
        text("tool_call_id", true),
        text("name", true),
    ]
    .into()
});

/// A column of texts.
pub(super) fn text(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8, nullable)
}

/// A column of lists of messages.
pub(super) fn field(name: &str) -> Field {
    Field::new(name, list_of(&MESSAGE), false)
}

/// The type of lists of structs.
pub(super) fn list_of(fields: &Fields) -> DataType {
    DataType::List(item(fields))
}

fn item(fields: &Fields) -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Struct(fields.clone()), false))
}

/// Lists of structs, from the structs of all lists one after the other and the length of each list.
pub(super) fn lists(
    fields: &Fields,
    columns: Vec<ArrayRef>,
    lengths: impl IntoIterator<Item = usize>,
    present: Option<Vec<bool>>,
) -> ArrayRef {
    let structs = StructArray::new(fields.clone(), columns, None);
    let lengths = OffsetBuffer::from_lengths(lengths);
    Arc::new(ListArray::new(item(fields), lengths, Arc::new(structs), present.map(NullBuffer::from)))
}

/// Texts as a column.
pub(super) fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

/// Texts that may be missing as a column.
pub(super) fn maybe_texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(texts.collect::<StringArray>())
}

/// Conversations as a column.
pub(super) fn column(conversations: &[Vec<Message>]) -> ArrayRef {
    let all: Vec<&Message> = conversations.iter().flatten().collect();
    let columns = vec![
        texts(all.iter().map(|message| message.role.as_str())),
        texts(all.iter().map(|message| message.content.as_str())),
        maybe_texts(all.iter().map(|message| message.reasoning.as_deref())),
        calls(&all),
        maybe_texts(all.iter().map(|message| message.tool_call_id.as_deref())),
        maybe_texts(all.iter().map(|message| message.name.as_deref())),
    ];
    lists(&MESSAGE, columns, conversations.iter().map(Vec::len), None)
}

fn calls(messages: &[&Message]) -> ArrayRef {
    let all: Vec<&ToolCall> = messages.iter().flat_map(|message| &message.tool_calls).collect();
    let names = texts(all.iter().map(|call| call.name.as_str()));
    let arguments = texts(all.iter().map(|call| call.arguments.as_str()));
    let columns = vec![
        texts(all.iter().map(|call| call.id.as_str())),
        texts(all.iter().map(|_| "function")),
        Arc::new(StructArray::new(FUNCTION.clone(), vec![names, arguments], None)),
    ];
    let present = messages.iter().map(|message| !message.tool_calls.is_empty()).collect();
    lists(&CALL, columns, messages.iter().map(|message| message.tool_calls.len()), Some(present))
}

/// The bytes of a conversation, about.
pub(super) fn size<'a>(messages: impl IntoIterator<Item = &'a Message>) -> usize {
    let one = |message: &Message| {
        let calls: usize = message.tool_calls.iter().map(|call| call.arguments.len() + call.name.len()).sum();
        message.content.len() + message.reasoning.as_ref().map_or(0, String::len) + calls + 64
    };
    messages.into_iter().map(one).sum()
}
