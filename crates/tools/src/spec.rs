//! What a model is told of a tool, from the type of its arguments.

use offseeker_trajectory::ToolSpec;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a model is told of a tool: the schema is that of the type `A`, with everything it refers to written in its
/// place and the comments on its fields as descriptions.
///
/// ```
/// use offseeker_tools::spec;
/// use schemars::JsonSchema;
///
/// #[derive(JsonSchema)]
/// struct Arguments {
///     /// What to look for.
///     query: String,
/// }
///
/// let spec = spec::<Arguments>("lookup", "Looks something up.");
/// assert_eq!(spec.parameters["properties"]["query"]["description"], "What to look for.");
/// assert_eq!(spec.parameters["required"][0], "query");
/// ```
#[must_use]
pub fn spec<A: JsonSchema>(name: impl Into<String>, description: impl Into<String>) -> ToolSpec {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut parameters = settings.into_generator().into_root_schema_for::<A>().to_value();
    if let Value::Object(fields) = &mut parameters {
        // The name and the comment of the type are for programmers.
        fields.shift_remove("title");
        fields.shift_remove("description");
    }
    ToolSpec::new(name, description, parameters)
}

/// Reads arguments as their type.
///
/// # Errors
///
/// When they are not what the type takes, in words for the model.
pub fn typed<A: DeserializeOwned>(arguments: Value) -> Result<A, String> {
    serde_json::from_value(arguments).map_err(|error| format!("the arguments cannot be used: {error}"))
}
