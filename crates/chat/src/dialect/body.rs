//! What stands between the tags of a call, read as a call.

use offseeker_trajectory::{Repair, ToolCall};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Deserializer, Map, Value};

use super::{Action, CallSyntax, CodeBody};
use crate::arguments::{self, ArgumentError, MendedFields, kind_of};

/// Reads what stands between the tags of a call.
pub(super) fn read(syntax: &CallSyntax, action: Option<&Action>, body: &str) -> Result<ToolCall, ArgumentError> {
    match (syntax, action) {
        (_, Some(action)) => {
            let arguments = spelled(&action.argument, body.trim());
            Ok(ToolCall::new("", action.tool.as_str(), arguments))
        }
        (CallSyntax::Xml { .. }, None) => xml(body),
        (CallSyntax::Json { code, .. }, None) => json(body, code.as_ref()),
        (CallSyntax::Tagged { .. }, None) => Err(ArgumentError::unexpected("a tool with tags of its own", "none")),
    }
}

/// One argument as the object of arguments.
pub(super) fn spelled(argument: &str, value: &str) -> String {
    Value::Object(Map::from_iter([(argument.to_owned(), value.into())])).to_string()
}

/// A call as it should be spelled. The raw arguments are a piece of the text.
#[derive(Deserialize)]
struct Spelled<'a> {
    name: String,
    #[serde(borrow, default, alias = "parameters")]
    arguments: Option<&'a RawValue>,
}

fn json(body: &str, code: Option<&CodeBody>) -> Result<ToolCall, ArgumentError> {
    let mut values = Deserializer::from_str(body).into_iter::<Spelled<'_>>();
    if let Some(Ok(call)) = values.next() {
        let rest = body[values.byte_offset()..].trim();
        if let Some((argument, program)) = code.and_then(|code| program(code, rest)) {
            let arguments = call.arguments.map_or("{}", RawValue::get);
            return with_code(call.name, arguments, argument, program, Repair::None);
        }
        if rest.is_empty() {
            return strict(call);
        }
    }
    let (object, program) = match code.and_then(|code| Some((body.find(&code.tags.open)?, code))) {
        Some((at, code)) => {
            let program = program(code, body[at..].trim());
            (&body[..at], Some(program.ok_or_else(|| ArgumentError::syntax(at, "a program with an end"))?))
        }
        None => (body, None),
    };
    let (name, arguments, repair) = mended(object)?;
    match program {
        Some((argument, program)) => with_code(name, &arguments, argument, program, repair),
        None => Ok(ToolCall { repair, ..ToolCall::new("", name, arguments) }),
    }
}

fn strict(call: Spelled<'_>) -> Result<ToolCall, ArgumentError> {
    if call.name.is_empty() {
        return Err(ArgumentError::unexpected("the name of a tool", "an empty text"));
    }
    match call.arguments {
        Some(raw) => {
            let repair = arguments::read(raw.get())?.repair;
            Ok(ToolCall { repair, ..ToolCall::new("", call.name, raw.get()) })
        }
        None => Ok(ToolCall { repair: Repair::Mended, ..ToolCall::new("", call.name, "{}") }),
    }
}

/// A call that is not JSON as it stands: the tool, its arguments as they are spelled, and what it took.
fn mended(object: &str) -> Result<(String, String, Repair), ArgumentError> {
    let MendedFields { text, fields, spans, repair } = arguments::mend_fields(object)?;
    let name = match fields.get("name") {
        Some(Value::String(name)) if !name.is_empty() => name.clone(),
        Some(other) => return Err(ArgumentError::unexpected("the name of a tool", kind_of(other))),
        None => return Err(ArgumentError::unexpected("an object with a name", "one without")),
    };
    let Some((key, value)) = ["arguments", "parameters"].iter().find_map(|key| fields.get_key_value(*key)) else {
        return Ok((name, "{}".to_owned(), Repair::Mended));
    };
    let span = spans.iter().rev().find(|(name, _)| name == key).map(|(_, span)| &text[span.clone()]);
    // A piece may need the rest to be read; then it is spelled anew.
    let raw = span.filter(|raw| arguments::read_value(raw).is_ok_and(|read| read.value == *value));
    let raw = raw.map_or_else(|| value.to_string(), str::to_owned);
    let own = arguments::read(&raw)?.repair;
    Ok((name, raw, repair.max(own)))
}

/// The argument that a program is, and the program between its tags, without the line breaks next to these.
fn program<'a>(code: &'a CodeBody, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let program = rest.strip_prefix(code.tags.open.as_str())?.strip_suffix(code.tags.close.as_str())?;
    let program = program.strip_prefix('\n').unwrap_or(program);
    Some((&code.argument, program.strip_suffix('\n').unwrap_or(program)))
}

fn with_code(
    name: String,
    arguments: &str,
    argument: &str,
    program: &str,
    repair: Repair,
) -> Result<ToolCall, ArgumentError> {
    let mut fields = match arguments::read(arguments)?.value {
        Value::Object(fields) => fields,
        other => return Err(ArgumentError::unexpected("an object with the arguments", kind_of(&other))),
    };
    let repair = if fields.is_empty() { repair } else { Repair::Mended };
    fields.insert(argument.to_owned(), program.into());
    Ok(ToolCall { repair, ..ToolCall::new("", name, Value::Object(fields).to_string()) })
}

fn xml(body: &str) -> Result<ToolCall, ArgumentError> {
    let wrong = |rest: &str, expected: &str| ArgumentError::syntax(body.len() - rest.len(), expected);
    let rest = body.trim_start();
    let rest = rest.strip_prefix("<function=").ok_or_else(|| wrong(rest, "<function=NAME>"))?;
    let (name, mut rest) = rest.split_once('>').ok_or_else(|| wrong(rest, "a '>' behind the name of the tool"))?;
    if name.is_empty() {
        return Err(wrong(rest, "the name of a tool"));
    }
    let mut fields = Map::new();
    let mut repair = Repair::None;
    loop {
        rest = rest.trim_start();
        if let Some(parameter) = rest.strip_prefix("<parameter=") {
            let (key, after) =
                parameter.split_once('>').ok_or_else(|| wrong(parameter, "a '>' behind the name of the parameter"))?;
            let (value, after) = after.split_once("</parameter>").ok_or_else(|| wrong(after, "</parameter>"))?;
            fields.insert(key.to_owned(), xml_value(value));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("</function>") {
            rest = after;
            break;
        } else if rest.is_empty() {
            repair = Repair::Mended;
            break;
        } else {
            return Err(wrong(rest, "<parameter=KEY> or </function>"));
        }
    }
    if !rest.trim().is_empty() {
        return Err(wrong(rest.trim_start(), "nothing after </function>"));
    }
    let arguments = Value::Object(fields).to_string();
    arguments::read(&arguments)?;
    Ok(ToolCall { repair, ..ToolCall::new("", name, arguments) })
}

/// JSON where it is JSON, and otherwise the text, without one line break on each side.
fn xml_value(value: &str) -> Value {
    let value = value.strip_prefix('\n').unwrap_or(value);
    let value = value.strip_suffix('\n').unwrap_or(value);
    serde_json::from_str(value).unwrap_or_else(|_| value.into())
}
