//! The settings that work in a folder was begun with.

use std::path::Path;
use std::{fmt, fs, io};

use serde_json::Value;

/// The longest value that an error shows, in characters.
const LONGEST_SHOWN: usize = 80;

/// Why work that was begun with some settings cannot go on with others.
#[derive(Debug)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file could not be read or written.
    Io(io::Error),
    /// The file is no JSON.
    Damaged {
        /// The line.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The work was begun with other settings.
    Differ {
        /// The first setting that differs: `planner.seed`.
        what: String,
        /// What it was.
        kept: String,
        /// What it is.
        asked: String,
    },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Damaged { line, reason } => write!(f, "line {line} cannot be read: {reason}"),
            Self::Differ { what, kept, asked } => write!(f, "`{what}` was {kept} and is {asked}"),
        }
    }
}

impl std::error::Error for SettingsError {}

/// Writes settings down where there are none yet; else checks that they are those that were written down.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use offseeker_durable::{SettingsError, same_settings};
/// use serde_json::json;
///
/// let place = folder.path().join("settings.json");
/// same_settings(&place, &json!({"planner": {"seed": 1}}))?;
/// same_settings(&place, &json!({"planner": {"seed": 1}}))?;
/// let error = same_settings(&place, &json!({"planner": {"seed": 2}})).unwrap_err();
/// assert_eq!(error.to_string(), "`planner.seed` was 1 and is 2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`SettingsError::Differ`], which names the first that differs; others where the file cannot be read or written.
pub fn same_settings(place: &Path, asked: &Value) -> Result<(), SettingsError> {
    let bytes = match fs::read(place) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = format!("{asked:#}\n");
            return crate::write(place, text.as_bytes()).map_err(SettingsError::Io);
        }
        Err(error) => return Err(SettingsError::Io(error)),
    };
    let kept: Value = serde_json::from_slice(&bytes)
        .map_err(|error| SettingsError::Damaged { line: error.line() as u64, reason: error.to_string() })?;
    let Some((what, kept, asked)) = difference("", &kept, asked) else { return Ok(()) };
    let shown = |value: &Value| value.to_string().chars().take(LONGEST_SHOWN).collect();
    Err(SettingsError::Differ { what, kept: shown(kept), asked: shown(asked) })
}

/// The first difference of two values, and where it is; members of a list are named by their numbers.
fn difference<'a>(place: &str, kept: &'a Value, asked: &'a Value) -> Option<(String, &'a Value, &'a Value)> {
    if kept == asked {
        return None;
    }
    let inner = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    let found = match (kept, asked) {
        (Value::Object(left), Value::Object(right)) => right.keys().chain(left.keys()).find_map(|name| {
            let (kept, asked) = (left.get(name).unwrap_or(&Value::Null), right.get(name).unwrap_or(&Value::Null));
            difference(&inner(name), kept, asked)
        }),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut members = left.iter().zip(right).enumerate();
            members.find_map(|(at, (kept, asked))| difference(&inner(&at.to_string()), kept, asked))
        }
        _ => None,
    };
    found.or_else(|| Some((if place.is_empty() { "settings".to_owned() } else { place.to_owned() }, kept, asked)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named() {
        let kept = json!({"seed": 1, "passes": [{"name": "prune"}, {"name": "write", "most": 3}]});
        check(&kept, &kept, "");
        check(&kept, &json!({"seed": 2, "passes": []}), "`seed` was 1 and is 2");
        let other = json!({"seed": 1, "passes": [{"name": "prune"}, {"name": "write", "most": 4}]});
        check(&kept, &other, "`passes.1.most` was 3 and is 4");
        check(
            &kept,
            &json!({"seed": 1}),
            "`passes` was [{\"name\":\"prune\"},{\"name\":\"write\",\"most\":3}] and is null",
        );
        check(&json!([]), &json!(null), "`settings` was [] and is null");
    }

    fn check(kept: &Value, asked: &Value, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("settings.json");
        same_settings(&place, kept).unwrap();
        let said = same_settings(&place, asked).map_or_else(|error| error.to_string(), |()| String::new());
        assert_eq!(said, expected);
    }

    #[test]
    fn what_is_no_json_is_named_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("settings.json");
        fs::write(&place, "{\n\"seed\": 1,\n").unwrap();
        assert!(matches!(same_settings(&place, &json!({})), Err(SettingsError::Damaged { line: 3, .. })));
    }
}
