//! What a row says beyond our words: kept under the name of its format, and written back.

use offseeker_trajectory::{Metadata, Trajectory};
use serde_json::Value;

/// Keeps what is left of a row.
pub(super) fn keep(trajectory: &mut Trajectory, format: &str, rest: Metadata) {
    if !rest.is_empty() {
        trajectory.metadata.insert(format.to_owned(), Value::Object(rest));
    }
}

/// A row with what was kept put back; it goes before what is made here.
pub(super) fn with(trajectory: &Trajectory, format: &str, mut row: Value) -> Value {
    if let (Some(Value::Object(kept)), Some(row)) = (trajectory.metadata.get(format), row.as_object_mut()) {
        row.extend(kept.iter().map(|(field, value)| (field.clone(), value.clone())));
    }
    row
}
