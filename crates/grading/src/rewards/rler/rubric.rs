//! One criterion and how much it counts.

use offseeker_trajectory::Question;
use serde::{Deserialize, Serialize};

/// One criterion and how much it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rubric {
    /// What it is called.
    #[serde(default)]
    pub title: String,
    /// What it describes.
    pub description: String,
    /// How much it counts; below nought where it describes a fault.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

impl Rubric {
    /// Names it among the components of a grade: by its description, so that it keeps the name wherever it stands.
    #[must_use]
    pub fn key(&self) -> String {
        format!("rubric/{}", &blake3::hash(self.description.as_bytes()).to_hex()[..12])
    }
}

/// The rubrics in the metadata of a question: `rubrics`, an array of objects with `description`, `weight` and `title`.
///
/// # Errors
///
/// What is wrong with them, in words.
pub fn rubrics_of(question: &Question) -> Result<Vec<Rubric>, String> {
    let rubrics = question.metadata.get("rubrics").ok_or("the question has no rubrics in its metadata")?;
    let rubrics: Vec<Rubric> =
        serde_json::from_value(rubrics.clone()).map_err(|error| format!("the question's rubrics: {error}"))?;
    match rubrics.iter().find(|rubric| !rubric.weight.is_finite()) {
        Some(rubric) => Err(format!("the weight of rubric {:?} is no number", rubric.title)),
        None if rubrics.is_empty() => Err("the question has an empty list of rubrics".to_owned()),
        None => Ok(rubrics),
    }
}
