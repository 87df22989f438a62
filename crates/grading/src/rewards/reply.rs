//! Reads what a judge says: an object of JSON with exactly the keys that were asked for.

use offseeker_trajectory::Grade;
use serde_json::{Map, Value};

use crate::{GradeError, Judge, Judgement, Prompt};

/// How many braces of a reply are tried as the beginning of its object.
const BEGINNINGS: usize = 64;

/// Asks a judge; where its reply cannot be read, there is an unscored grade in the place of what it says.
pub(crate) async fn asked<T>(
    judge: &Judge,
    grader: &str,
    prompt: &Prompt,
    values: &[(&str, &str)],
    vote: u32,
    read: impl Fn(&str) -> Result<T, String> + Send,
) -> Result<Result<T, Box<Grade>>, GradeError> {
    Ok(match judge.ask(grader, prompt, values, vote, read).await? {
        Judgement::Read(read) => Ok(read),
        Judgement::Unreadable { reason } => {
            let reason = format!("the judge's reply to {} could not be read: {reason}", prompt.id());
            Err(Box::new(Grade::unscored(grader, reason)))
        }
    })
}

/// The object that a reply consists of or ends with.
pub(crate) fn object(reply: &str) -> Result<Map<String, Value>, String> {
    let end = reply.rfind('}').ok_or("there is no JSON object in it")? + 1;
    // The first brace from which on something can be read: what was thought before may have braces too.
    let mut begins = reply[..end].match_indices('{').map(|(at, _)| at).take(BEGINNINGS);
    let read = begins.find_map(|at| offseeker_chat::arguments::read(&reply[at..end]).ok());
    match read.map(|read| read.value) {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err("what is between its braces is no JSON object".to_owned()),
    }
}

/// The object of a reply, which has exactly these keys.
pub(crate) fn object_of(reply: &str, keys: &[String]) -> Result<Map<String, Value>, String> {
    let fields = object(reply)?;
    expect_keys(&fields, keys)?;
    Ok(fields)
}

/// Says which key is missing and which is one too many.
pub(crate) fn expect_keys(fields: &Map<String, Value>, keys: &[String]) -> Result<(), String> {
    if let Some(missing) = keys.iter().find(|key| !fields.contains_key(*key)) {
        return Err(format!("the key {missing:?} is missing; the keys are exactly {}", listed(keys)));
    }
    match fields.keys().find(|key| !keys.contains(key)) {
        Some(stranger) => Err(format!("there is no key {stranger:?}; the keys are exactly {}", listed(keys))),
        None => Ok(()),
    }
}

/// A number between two bounds, both of them included.
pub(crate) fn number(fields: &Map<String, Value>, key: &str, low: f64, high: f64) -> Result<f64, String> {
    let value = fields.get(key).ok_or_else(|| format!("the key {key:?} is missing"))?;
    match value.as_f64() {
        Some(number) if (low..=high).contains(&number) => Ok(number),
        _ => Err(format!("{key:?} is {value}, which is no number from {low} to {high}")),
    }
}

/// True or false.
pub(crate) fn truth(fields: &Map<String, Value>, key: &str) -> Result<bool, String> {
    let value = fields.get(key).ok_or_else(|| format!("the key {key:?} is missing"))?;
    value.as_bool().ok_or_else(|| format!("{key:?} is {value}, which is neither true nor false"))
}

/// Keys as a prompt names them.
pub(crate) fn listed(keys: &[String]) -> String {
    keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ")
}

/// Keys with a letter and a number from one on: `A1`, `A2`.
pub(crate) fn numbered(letter: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("{letter}{number}")).collect()
}
