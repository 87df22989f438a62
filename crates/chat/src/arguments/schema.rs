//! Whether arguments are what a tool takes, said so that the model can put it right.

use std::fmt::Write;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::LocationSegment;
use jsonschema::{PatternOptions, ValidationError, Validator};
use offseeker_trajectory::ToolSpec;
use serde_json::Value;

use super::{ArgumentError, Problem, Read, kind_of, read};

/// The most problems that one error lists.
pub const MAX_PROBLEMS: usize = 8;

/// The longest enumeration or message that is quoted in a problem, in characters.
const MAX_QUOTED: usize = 200;

/// What the arguments of a tool must be like.
///
/// References lead to places within the schema only: nothing is ever fetched. Patterns are matched in linear time, so
/// look-around and back-references are refused.
///
/// ```
/// use offseeker_chat::arguments::Schema;
/// use offseeker_trajectory::ToolSpec;
/// use serde_json::json;
///
/// let parameters = json!({
///     "type": "object",
///     "properties": {"query": {"type": "array", "items": {"type": "string"}}},
///     "required": ["query"],
/// });
/// let schema = Schema::compile(&ToolSpec::new("search", "Searches the web.", parameters))?;
/// let error = schema.read(r#"{"query": "Karlin mill"}"#).unwrap_err();
/// assert!(error.to_string().ends_with("query: must be an array, not a string"));
/// # Ok::<(), offseeker_chat::arguments::ArgumentError>(())
/// ```
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
}

impl Schema {
    /// Prepares the schema of a tool.
    ///
    /// # Errors
    ///
    /// When it is not a JSON Schema or refers to one elsewhere.
    pub fn compile(tool: &ToolSpec) -> Result<Self, ArgumentError> {
        let validator = jsonschema::options()
            .offline()
            .with_pattern_options(PatternOptions::regex())
            .build(&tool.parameters)
            .map_err(|error| ArgumentError::Schema { tool: tool.name.clone(), reason: error.to_string() })?;
        Ok(Self { validator })
    }

    /// Says whether arguments are what the tool takes.
    ///
    /// # Errors
    ///
    /// When they are not: at most [`MAX_PROBLEMS`], each with its field and what to do.
    pub fn check(&self, arguments: &Value) -> Result<(), ArgumentError> {
        let problems: Vec<Problem> =
            self.validator.iter_errors(arguments).take(MAX_PROBLEMS).map(|error| problem(&error)).collect();
        if problems.is_empty() { Ok(()) } else { Err(ArgumentError::Invalid { problems }) }
    }

    /// Goes down the whole ladder: reads the arguments of a call and checks them.
    ///
    /// # Errors
    ///
    /// When they cannot be read or are not what the tool takes.
    pub fn read(&self, raw: &str) -> Result<Read, ArgumentError> {
        let read = read(raw)?;
        self.check(&read.value)?;
        Ok(read)
    }
}

fn problem(error: &ValidationError<'_>) -> Problem {
    Problem { path: path(error), reason: reason(error) }
}

fn path(error: &ValidationError<'_>) -> String {
    let mut path = String::new();
    for segment in error.instance_path() {
        match segment {
            LocationSegment::Property(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name);
            }
            LocationSegment::Index(index) => {
                // Writing to a string does not fail.
                let _ = write!(path, "[{index}]");
            }
        }
    }
    path
}

fn reason(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Required { property } => format!("{property} is missing; add it"),
        ValidationErrorKind::Type { kind } => format!("must be {}, not {}", types(kind), kind_of(error.instance())),
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            format!("the tool takes no {}; leave it out", quoted(&unexpected.join(", ")))
        }
        ValidationErrorKind::Enum { options } => format!("must be one of {}", quoted(&options.to_string())),
        ValidationErrorKind::Constant { expected_value } => format!("must be {}", quoted(&expected_value.to_string())),
        ValidationErrorKind::MinItems { limit } => format!("must have at least {limit} items"),
        ValidationErrorKind::MaxItems { limit } => format!("must have at most {limit} items"),
        ValidationErrorKind::MinLength { limit } => format!("must have at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("must have at most {limit} characters"),
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        ValidationErrorKind::Pattern { pattern } => format!("must match the pattern {}", quoted(pattern)),
        ValidationErrorKind::UniqueItems => "must not have the same item twice".to_owned(),
        // The value itself may be very long and is known to who wrote it.
        _ => quoted(&error.masked_with("it").to_string()),
    }
}

fn types(kind: &TypeKind) -> String {
    let name = |kind: jsonschema::JsonType| match kind.to_string().as_str() {
        "null" => "null".to_owned(),
        vowel @ ("array" | "integer" | "object") => format!("an {vowel}"),
        other => format!("a {other}"),
    };
    match kind {
        TypeKind::Single(kind) => name(*kind),
        TypeKind::Multiple(kinds) => kinds.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
