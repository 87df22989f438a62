//! RL-Struct: levels of structure, the lower ones hard, the higher ones soft.
//!
//! The levels are data ([`Level`]); graders of the lower three are here, those of content and expression are given. What
//! the paper weighs them with was not found: the table is that of the survey's chapter, the weights are ours.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Outcome, Trajectory};
use serde_json::Value;

use super::turns::{answer, measured, unfit};
use crate::compose::Level;
use crate::{GradeError, Grader};

/// What a level of structure asks of an answer that is JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Structure {
    /// `rl-struct/validity`: it is JSON at all: 1 or 0.
    Validity,
    /// `rl-struct/fields`: the share of the required fields that are there.
    Fields,
    /// `rl-struct/types`: the share of the fields that are there and have the type that they should.
    Types,
}

/// The five levels of the chapter: validity is hard, each level needs what is named, all weigh the same.
///
/// The parts are named `validity`, `fields`, `types`, `content`, `expression`.
#[must_use]
pub fn levels() -> Vec<Level> {
    let level = |name: &str, needs: Option<f64>, hard: bool| Level { name: name.to_owned(), weight: 0.2, needs, hard };
    vec![
        level("validity", Some(1.0), true),
        level("fields", None, false),
        level("types", None, false),
        level("content", None, false),
        level("expression", None, false),
    ]
}

/// The share of required fields that an object has; 1 where none is required.
#[must_use]
pub fn fields_share(schema: &Value, answer: &Value) -> f64 {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    share(required.iter().map(|field| answer.get(field).is_some()))
}

/// The share of fields with a type of their own in the schema that have it, of those that are there; 1 where none is.
#[must_use]
pub fn types_share(schema: &Value, answer: &Value) -> f64 {
    let typed = schema["properties"].as_object().into_iter().flatten();
    share(typed.filter_map(|(field, schema)| Some(has_type(schema["type"].as_str()?, answer.get(field)?))))
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn share(of: impl Iterator<Item = bool>) -> f64 {
    let (mut holds, mut all) = (0_u32, 0_u32);
    for it in of {
        holds += u32::from(it);
        all += 1;
    }
    if all == 0 { 1.0 } else { f64::from(holds) / f64::from(all) }
}

#[async_trait]
impl Grader for Structure {
    fn name(&self) -> &str {
        match self {
            Self::Validity => "rl-struct/validity@1",
            Self::Fields => "rl-struct/fields@1",
            Self::Types => "rl-struct/types@1",
        }
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let Some(reply) = answer(attempt) else { return Ok(measured(self.name(), attempt, 0.0)) };
        let Ok(read) = serde_json::from_str::<Value>(reply) else {
            return Ok(Grade::scored(self.name(), Outcome::Malformed, 0.0));
        };
        let value = match (self, attempt.question.metadata.get("schema")) {
            (Self::Validity, _) => 1.0,
            (Self::Fields, Some(schema)) => fields_share(schema, &read),
            (Self::Types, Some(schema)) => types_share(schema, &read),
            (_, None) => return Ok(Grade::unscored(self.name(), "the question's metadata has no schema")),
        };
        Ok(measured(self.name(), attempt, value))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
