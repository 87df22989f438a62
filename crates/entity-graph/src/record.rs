//! One line of a graph.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Entity, EntityId, Fact, Relation};

/// One line of a graph: `{"entity": {..}}`, `{"fact": {..}}` or `{"relation": {..}}`. Lines come in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// An entity.
    Entity(Entity),
    /// What is true of an entity.
    Fact(Fact),
    /// How an entity has to do with another.
    Relation(Relation),
}

impl From<Entity> for Record {
    fn from(entity: Entity) -> Self {
        Self::Entity(entity)
    }
}

impl From<Fact> for Record {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}

impl From<Relation> for Record {
    fn from(relation: Relation) -> Self {
        Self::Relation(relation)
    }
}

/// Why a line is no record: the field that is wrong, where it is one, and what is wrong with it.
pub(crate) struct Fault {
    pub(crate) field: Option<String>,
    pub(crate) reason: String,
}

impl Record {
    /// Reads a line.
    pub(crate) fn read(line: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(line).map_err(|error| fault(line, &error))
    }

    /// The record as a line, without its end.
    pub(crate) fn line(&self) -> String {
        serde_json::to_string(self).expect("a record is made of text and numbers")
    }
}

/// Finds out which field of a line is wrong.
fn fault(line: &[u8], error: &serde_json::Error) -> Fault {
    let whole = |reason: String| Fault { field: None, reason };
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(_) => return whole(format!("it is no JSON: {}", plain(error))),
    };
    let Some((kind, Value::Object(fields))) =
        value.as_object().filter(|it| it.len() == 1).and_then(|it| it.iter().next())
    else {
        return whole("it is no object that holds one of `entity`, `fact` and `relation`".to_owned());
    };
    let Some(right) = example(kind) else {
        return whole(format!("`{kind}` is none of `entity`, `fact` and `relation`"));
    };
    let wrong = fields.iter().find_map(|(name, value)| reason(kind, &right, name, Some(value)));
    let missing =
        || right.keys().filter(|name| !fields.contains_key(*name)).find_map(|name| reason(kind, &right, name, None));
    wrong.or_else(missing).unwrap_or_else(|| whole(plain(error)))
}

/// What is wrong with a field, told by putting it, or nothing, into a record that is right.
fn reason(kind: &str, right: &Map<String, Value>, name: &str, value: Option<&Value>) -> Option<Fault> {
    let mut fields = right.clone();
    match value {
        Some(value) => fields.insert(name.to_owned(), value.clone()),
        None => fields.remove(name),
    };
    let error = serde_json::from_value::<Record>(json!({ kind: fields })).err()?;
    let reason = if value.is_some() { error.to_string() } else { "it is missing".to_owned() };
    Some(Fault { field: Some(format!("{kind}.{name}")), reason })
}

/// The fields of a record that is right.
fn example(kind: &str) -> Option<Map<String, Value>> {
    let id = EntityId::from_u128(0);
    let value = match kind {
        "entity" => json!({"id": id, "name": ""}),
        "fact" => json!({"entity": id, "text": ""}),
        "relation" => json!({"from": id, "to": id, "kind": ""}),
        _ => return None,
    };
    value.as_object().cloned()
}

/// What the parser says, with the column alone: which line of the file it is, is known better by who reads the file.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    format!("{} at column {}", &text[..end], error.column())
}
