//! What a chat template can call upon: the environment in which `transformers` runs them.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Value};

use super::json::Style;
use super::strftime::strftime;

/// An environment without a template. The date is the one that is given: a prompt must not change overnight.
pub(super) fn environment(now_ms: Option<u64>) -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("tojson", tojson);
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> { Err(refused(message)) });
    environment.add_function("strftime_now", move |format: String| -> Result<String, Error> {
        let now = now_ms.ok_or_else(|| refused("it asks for the date; say which with `ChatTemplate::dated`"))?;
        strftime(now, &format).map_err(refused)
    });
    environment
}

fn refused(reason: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason.into())
}

/// `tojson(value, ensure_ascii=false, indent=none, separators=none, sort_keys=false)`
// Taken by value because that is how a filter is called.
#[allow(clippy::needless_pass_by_value)]
fn tojson(value: Value, positional: Rest<Value>, named: Kwargs) -> Result<String, Error> {
    let argument = |at: usize, name: &str| -> Result<Option<Value>, Error> {
        let value = match positional.get(at) {
            Some(value) => Some(value.clone()),
            None => named.get::<Option<Value>>(name)?,
        };
        Ok(value.filter(|value| !value.is_none() && !value.is_undefined()))
    };
    let ensure_ascii = argument(0, "ensure_ascii")?.is_some_and(|value| value.is_true());
    let indent = argument(1, "indent")?.map(indent).transpose()?;
    let separators = argument(2, "separators")?.as_ref().map(separators).transpose()?;
    let sort_keys = argument(3, "sort_keys")?.is_some_and(|value| value.is_true());
    named.assert_all_used()?;
    let comma = if indent.is_some() { "," } else { ", " };
    let (item_separator, key_separator) = separators.unwrap_or_else(|| (comma.to_owned(), ": ".to_owned()));
    let json = serde_json::to_value(&value).map_err(|error| refused(format!("no JSON: {error}")))?;
    Ok(Style { ensure_ascii, indent, item_separator, key_separator, sort_keys }.write(&json))
}

fn indent(value: Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Ok(" ".repeat(usize::try_from(value)?.min(64))),
    }
}

fn separators(value: &Value) -> Result<(String, String), Error> {
    let parts: Vec<String> = value.try_iter()?.map(|part| part.to_string()).collect();
    match <[String; 2]>::try_from(parts) {
        Ok([item, key]) => Ok((item, key)),
        Err(_) => Err(refused("separators are two texts")),
    }
}
