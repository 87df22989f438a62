//! The rubric buffers of all questions, saved and loaded.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use offseeker_trajectory::QuestionId;
use serde::{Deserialize, Serialize};

use super::RubricBuffer;
use crate::GradeError;

/// The largest file that is read.
const MOST_BYTES: u64 = 1 << 30;

/// The rubric buffers of all questions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RubricBuffers(pub BTreeMap<QuestionId, RubricBuffer>);

impl RubricBuffers {
    /// Writes them into a file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`GradeError::File`] where that cannot be done.
    pub fn save(&self, place: &Path) -> Result<(), GradeError> {
        let json = serde_json::to_vec(self).map_err(|error| wrong(place, &error))?;
        offseeker_durable::write(place, &json).map_err(|error| wrong(place, &error))
    }

    /// Reads them from a file.
    ///
    /// # Errors
    ///
    /// [`GradeError::File`] where there is none, or it holds something else.
    pub fn load(place: &Path) -> Result<Self, GradeError> {
        let file = std::fs::File::open(place).map_err(|error| wrong(place, &error))?;
        let mut json = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut json).map_err(|error| wrong(place, &error))?;
        if json.len() as u64 > MOST_BYTES {
            return Err(wrong(place, &format!("it is larger than {MOST_BYTES} bytes, the most that is read")));
        }
        serde_json::from_slice(&json).map_err(|error| wrong(place, &error))
    }
}

fn wrong(place: &Path, reason: &dyn std::fmt::Display) -> GradeError {
    GradeError::File { place: place.display().to_string(), reason: reason.to_string() }
}
