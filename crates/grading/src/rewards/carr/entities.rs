//! The unnamed things of rubrics, and the names that an answer gives to them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rewards::reply::object_of;

/// The name of each thing, where the answer gives one: `E0` is the answer itself.
pub type Names = BTreeMap<String, Option<String>>;

/// The things that a statement mentions: `E0`, `E12`; each once, in order of their number.
#[must_use]
pub fn entities_of(statement: &str) -> Vec<String> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (at, _) in statement.match_indices("<E") {
        let digits: String = statement[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        let closed = statement[at + 2 + digits.len()..].starts_with('>');
        let Ok(number) = digits.parse() else { continue };
        if closed && !found.iter().any(|(_, known)| known[1..] == digits) {
            found.push((number, format!("E{digits}")));
        }
    }
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// A statement with its things named; none where one of them has no name.
#[must_use]
pub fn filled(statement: &str, names: &Names) -> Option<String> {
    let mut filled = statement.to_owned();
    for entity in entities_of(statement) {
        let name = names.get(&entity)?.as_deref()?;
        filled = filled.replace(&format!("<{entity}>"), name);
    }
    Some(filled)
}

/// Reads what a judge says the names are: exactly the things that were asked for, each a name or null, and no name that is
/// the word "null" or "none".
pub(super) fn read_names(reply: &str, expected: &[String]) -> Result<Names, String> {
    let fields = object_of(reply, expected)?;
    let named = fields.into_iter().map(|(entity, value)| match value {
        Value::Null => Ok((entity, None)),
        Value::String(name) => match name.trim() {
            "" => Err(format!("the name of {entity} is empty; write null where there is none")),
            word if word.eq_ignore_ascii_case("null") || word.eq_ignore_ascii_case("none") => {
                Err(format!("the name of {entity} is the text {name:?}; write null without quotes where there is none"))
            }
            name => Ok((entity, Some(name.to_owned()))),
        },
        other => Err(format!("the name of {entity} is {other}, which is no text")),
    });
    named.collect()
}
