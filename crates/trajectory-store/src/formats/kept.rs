//! What a row says beyond our words: kept under the name of its format, and written back.

use offseeker_trajectory::{Metadata, Trajectory};
use serde_json::{Map, Value};

/// Keeps what is left of a row.
pub(super) fn keep(trajectory: &mut Trajectory, format: &str, rest: Metadata) {
    if !rest.is_empty() {
        trajectory.metadata.insert(format.to_owned(), Value::Object(rest));
    }
}

/// Puts what was kept into a row that is written; it goes before what is made here.
pub(super) fn put_back(trajectory: &Trajectory, format: &str, row: &mut Map<String, Value>) {
    if let Some(Value::Object(kept)) = trajectory.metadata.get(format) {
        row.extend(kept.iter().map(|(field, value)| (field.clone(), value.clone())));
    }
}
