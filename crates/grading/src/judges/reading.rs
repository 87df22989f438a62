//! What stands in a judge's reply: an object, labels with values, tags.

use serde_json::{Map, Value};

use super::word::{self, is_markup};
use super::{Ruling, Verdict};

/// The longest reply that is read, in bytes; of a longer one the end.
const LONGEST: usize = 1 << 16;

/// How many places are tried where an object could begin, and where it could end.
const BEGINNINGS: usize = 64;
const ENDS: usize = 4;

/// The part of a reply that counts: behind the model's reasoning, and no longer than may be. Of reasoning that was cut off
/// nothing counts.
pub(super) fn said(reply: &str) -> &str {
    let from = (reply.len().saturating_sub(LONGEST)..=reply.len()).find(|at| reply.is_char_boundary(*at));
    let reply = &reply[from.unwrap_or(0)..];
    match reply.rfind("</think>") {
        Some(at) => &reply[at + "</think>".len()..],
        None if reply.trim_start().starts_with("<think>") => "",
        None => reply,
    }
}

/// The last object in a reply that has at least one of some keys, read leniently.
fn object(reply: &str, keys: &[&str]) -> Option<Map<String, Value>> {
    let ends = reply.rmatch_indices('}').take(ENDS);
    ends.filter_map(|(end, _)| {
        let begins = reply[..end].match_indices('{').take(BEGINNINGS);
        begins
            .filter_map(|(at, _)| as_object(&reply[at..=end]))
            .find(|object| keys.iter().any(|key| object.contains_key(*key)))
    })
    .next()
}

fn as_object(text: &str) -> Option<Map<String, Value>> {
    let read = offseeker_chat::arguments::read(text).ok()?;
    match read.value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The object that a form asks for. None where there is none; an error where its keys are others.
pub(super) fn object_of(reply: &str, keys: &[&str], optional: &[&str]) -> Result<Option<Map<String, Value>>, String> {
    let Some(object) = object(reply, keys) else { return Ok(None) };
    if let Some(missing) = keys.iter().find(|key| !object.contains_key(**key)) {
        return Err(format!("the key {missing:?} is missing; there have to be exactly {}", keys.join(", ")));
    }
    let stranger = object.keys().find(|key| !keys.contains(&key.as_str()) && !optional.contains(&key.as_str()));
    match stranger {
        Some(stranger) => Err(format!("there is a key {stranger:?}; there have to be exactly {}", keys.join(", "))),
        None => Ok(Some(object)),
    }
}

/// The text of a field; numbers and truth values count as the words they are.
pub(super) fn text_of(object: &Map<String, Value>, key: &str) -> String {
    match object.get(key) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The values behind a label: those of lines that begin with it, and where there is no such line, those anywhere.
pub(super) fn labelled<'a>(text: &'a str, labels: &[&str], all_labels: &[&str]) -> Vec<&'a str> {
    let lines: Vec<&str> = text.lines().collect();
    let mut values = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let begun =
            line.trim_start_matches(|char: char| is_markup(char) || matches!(char, '#' | '>' | '-' | '•' | '{' | ','));
        if let Some(value) = labels.iter().find_map(|label| behind(begun, label)) {
            let below = || lines[at + 1..].iter().copied().find(|line| !line.trim().is_empty());
            let is_blank = value.trim_matches(is_markup).is_empty();
            values.push(if is_blank { below().unwrap_or_default() } else { value });
        }
    }
    if values.is_empty() { anywhere(text, labels, all_labels) } else { values }
}

/// What stands behind a label and a colon at the beginning of a text.
fn behind<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let is_it = text.get(..label.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(label));
    let rest = is_it.then(|| text[label.len()..].trim_start_matches(is_markup))?;
    rest.strip_prefix([':', '：', '='])
}

/// The values behind a label in the middle of a line, each up to the next label.
fn anywhere<'a>(text: &'a str, labels: &[&str], all_labels: &[&str]) -> Vec<&'a str> {
    let starts = places(text, labels);
    let stops: Vec<usize> = places(text, all_labels).into_iter().map(|(at, _)| at).collect();
    let value = |(_, value): (usize, usize)| {
        let line = text[value..].find('\n').map_or(text.len(), |end| value + end);
        let stop = stops.iter().copied().filter(|stop| *stop >= value).min().unwrap_or(text.len());
        without_separator(&text[value..line.min(stop)])
    };
    starts.into_iter().map(value).collect()
}

/// A value up to the next label.
fn before_label<'a>(value: &'a str, labels: &[&str]) -> &'a str {
    let end = places(value, labels).first().map_or(value.len(), |(at, _)| *at);
    without_separator(&value[..end])
}

fn without_separator(value: &str) -> &str {
    value.trim_end_matches(|char: char| char.is_whitespace() || matches!(char, ',' | ';' | '，' | '；'))
}

/// Where labels stand, and where the values behind them begin.
fn places(text: &str, labels: &[&str]) -> Vec<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let found = labels.iter().flat_map(|label| lower.match_indices(label).map(|(at, _)| (at, *label)));
    let mut places: Vec<(usize, usize)> = found
        .filter(|(at, _)| !lower[..*at].ends_with(|char: char| char.is_ascii_alphanumeric() || char == '_'))
        .filter_map(|(at, label)| behind(&text[at..], label).map(|value| (at, text.len() - value.len())))
        .collect();
    places.sort_unstable();
    places.dedup_by_key(|(_, value)| *value);
    places
}

/// The one verdict that texts say: those that say none are passed over, and those that contradict each other say nothing.
pub(super) fn agreed<'a>(what: &str, texts: impl IntoIterator<Item = &'a str>) -> Result<Verdict, String> {
    decide(what, texts.into_iter().map(word::verdict))
}

/// The one verdict among readings.
pub(super) fn decide(what: &str, found: impl IntoIterator<Item = Result<Verdict, String>>) -> Result<Verdict, String> {
    let mut verdict = Err(format!("there is no {what}"));
    for found in found {
        verdict = match (verdict, found) {
            (Ok(one), Ok(other)) if one != other => return Err(format!("one {what} contradicts another")),
            (Ok(one), _) => Ok(one),
            (Err(_), found) => found.map_err(|reason| format!("{what}: {reason}")),
        };
    }
    verdict
}

/// A value as it is meant: without emphasis and quotes around it.
pub(super) fn bare(value: &str) -> Option<String> {
    let bare =
        value.trim().trim_matches(|char: char| matches!(char, '*' | '`' | '"' | '“' | '”') || char.is_whitespace());
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// A confidence in hundredths: the first number, where it is from 0 to 100.
pub(super) fn confidence(value: &str) -> Option<f64> {
    let begin = value.find(|char: char| char.is_ascii_digit())?;
    let digits = &value[begin..];
    let end = digits.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(digits.len());
    let number: f64 = digits[..end].trim_end_matches('.').parse().ok()?;
    let is_negative = value[..begin].ends_with('-');
    ((0.0..=100.0).contains(&number) && !is_negative).then_some(number)
}

/// Puts the extracted answer and the reason of labelled lines to a verdict.
pub(super) fn ruling(
    text: &str,
    verdict: Verdict,
    [extracted, reason, sureness]: [&[&str]; 3],
    all: &[&str],
) -> Ruling {
    let last = |labels: &[&str]| labelled(text, labels, all).pop();
    Ruling {
        verdict,
        // Where all stands in one line, the next label ends the answer.
        extracted: last(extracted).map(|value| before_label(value, all)).and_then(bare),
        reason: last(reason).and_then(bare),
        confidence: last(sureness).and_then(confidence),
    }
}
