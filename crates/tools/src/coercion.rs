//! Makes arguments fit a schema where it is plain what was meant, and says what was changed.

use serde_json::{Map, Number, Value};

/// Makes the fields of `arguments` fit the schema of the tool, and says in words what was changed.
///
/// Only what can be read in one way is changed: one thing where a list of such things is wanted becomes a list of one,
/// a list of one where no list is wanted becomes that one, a list that was written as a string is read, numbers and
/// truth values that were written as strings are read, a number where a string is wanted is written out, and `null` in
/// a field that may be left out is left out.
pub(crate) fn coerce(parameters: &Value, arguments: Value) -> (Value, Vec<String>) {
    let Value::Object(fields) = arguments else { return (arguments, Vec::new()) };
    let mut notes = Vec::new();
    let mut fitted = Map::new();
    for (name, value) in fields {
        let schema = &parameters["properties"][&name];
        if value.is_null() && !schema.is_null() && !allows(schema, "null") && !is_required(parameters, &name) {
            notes.push(format!("{name}: null was left out"));
            continue;
        }
        match fit(schema, &value) {
            Some((other, note)) => {
                notes.push(format!("{name}: {note}"));
                fitted.insert(name, other);
            }
            None => drop(fitted.insert(name, value)),
        }
    }
    (Value::Object(fitted), notes)
}

/// A value that fits the schema, and what was done to it; none where it fits as it is or cannot be made to.
fn fit(schema: &Value, value: &Value) -> Option<(Value, &'static str)> {
    if type_names(value).iter().any(|name| allows(schema, name)) || schema["type"].is_null() {
        return None;
    }
    match value {
        Value::String(text) if allows(schema, "array") => match serde_json::from_str(text) {
            Ok(Value::Array(items)) => Some((Value::Array(items), "a string with a list became the list")),
            _ => one_of_a_list(schema, value),
        },
        Value::Array(items) => match items.as_slice() {
            [item] if type_names(item).iter().any(|name| allows(schema, name)) => {
                Some((item.clone(), "a list of one became that one"))
            }
            _ => None,
        },
        _ if allows(schema, "array") => one_of_a_list(schema, value),
        Value::String(text) => scalar(schema, text),
        Value::Number(number) if allows(schema, "string") => {
            Some((Value::String(number.to_string()), "a number became a string"))
        }
        // 5.0 is an integer to the schema, but not to a type that is read from it.
        _ => None,
    }
}

fn one_of_a_list(schema: &Value, value: &Value) -> Option<(Value, &'static str)> {
    let items = &schema["items"];
    let inner = fit(items, value).map_or_else(|| value.clone(), |(inner, _)| inner);
    Some((Value::Array(vec![inner]), "one thing became a list of one"))
}

fn scalar(schema: &Value, text: &str) -> Option<(Value, &'static str)> {
    let text = text.trim();
    let number = || text.parse::<i64>().ok().map(Number::from);
    let float = || text.parse::<f64>().ok().and_then(Number::from_f64);
    if allows(schema, "integer") {
        return number().map(|number| (Value::Number(number), "a string became a number"));
    }
    if allows(schema, "number") {
        return number().or_else(float).map(|number| (Value::Number(number), "a string became a number"));
    }
    match (allows(schema, "boolean"), text.to_ascii_lowercase().as_str()) {
        (true, "true") => Some((Value::Bool(true), "a string became true")),
        (true, "false") => Some((Value::Bool(false), "a string became false")),
        _ => None,
    }
}

fn allows(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == name,
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    }
}

fn is_required(parameters: &Value, name: &str) -> bool {
    parameters["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
}

fn type_names(value: &Value) -> &'static [&'static str] {
    match value {
        Value::Null => &["null"],
        Value::Bool(_) => &["boolean"],
        Value::Number(number) if number.is_f64() => &["number"],
        Value::Number(_) => &["integer", "number"],
        Value::String(_) => &["string"],
        Value::Array(_) => &["array"],
        Value::Object(_) => &["object"],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_plain_is_made_to_fit() {
        let (list, integer) = (json!({"type": "array", "items": {"type": "string"}}), json!({"type": "integer"}));
        let (text, either) = (json!({"type": "string"}), json!({"type": ["string", "array"]}));
        check(&list, json!("a"), Some(json!(["a"])));
        check(&list, json!(5), Some(json!(["5"])));
        check(&list, json!("[\"a\", \"b\"]"), Some(json!(["a", "b"])));
        check(&list, json!("[1991] floods"), Some(json!(["[1991] floods"])));
        check(&list, json!(["a"]), None);
        check(&text, json!(["a"]), Some(json!("a")));
        check(&text, json!(["a", "b"]), None);
        check(&text, json!(1991), Some(json!("1991")));
        check(&text, json!({"a": 1}), None);
        check(&either, json!("a"), None);
        check(&either, json!(["a"]), None);
        check(&integer, json!(" 12 "), Some(json!(12)));
        check(&integer, json!("12 km"), None);
        check(&json!({"type": "number"}), json!("1.5"), Some(json!(1.5)));
        check(&json!({"type": "number"}), json!("inf"), None);
        check(&json!({"type": "boolean"}), json!("True"), Some(json!(true)));
        check(&json!({}), json!("anything"), None);
    }

    #[test]
    fn null_is_left_out_where_the_field_may_be() {
        let parameters = json!({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]});
        let (fitted, notes) = coerce(&parameters, json!({"a": null, "b": null, "c": null}));
        assert_eq!(fitted, json!({"b": null, "c": null}));
        assert_eq!(notes, ["a: null was left out"]);
    }

    #[allow(clippy::needless_pass_by_value)]
    fn check(schema: &Value, value: Value, expected: Option<Value>) {
        let (fitted, notes) = coerce(&json!({"properties": {"field": schema}}), json!({"field": value}));
        assert_eq!(fitted["field"], expected.clone().unwrap_or(value), "{schema}");
        assert_eq!(notes.len(), usize::from(expected.is_some()), "{schema} {notes:?}");
    }
}
