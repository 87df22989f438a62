//! Which statements are borne out by what was seen at the places that are cited.

use crate::rewards::reply::{object_of, truth};
use crate::rewards::turns::clipped;

/// What was seen at cited places, as a judge is shown it.
pub(super) fn shown(passages: &[(&str, &str)], most: usize) -> String {
    let share = most / passages.len().max(1);
    let texts = passages.iter().map(|(address, text)| format!("[{address}]\n{}", clipped(text, share)));
    texts.collect::<Vec<_>>().join("\n\n")
}

/// Reads what a judge says is borne out: exactly the statements that were asked for.
pub(super) fn read_support(reply: &str, keys: &[String]) -> Result<Vec<bool>, String> {
    let fields = object_of(reply, keys)?;
    keys.iter().map(|key| truth(&fields, key)).collect()
}
