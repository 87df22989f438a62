//! A part of a composed grade: a grader with a name of its own.

use std::sync::Arc;

use crate::Grader;

/// A part of a composed grade: a grader, and what its value is called in the whole.
#[derive(Debug, Clone)]
pub struct Part {
    /// What its value is called among the components of the whole.
    pub name: String,
    /// Who grades it.
    pub grader: Arc<dyn Grader>,
}

impl Part {
    /// A grader under a name.
    pub fn new(name: impl Into<String>, grader: Arc<dyn Grader>) -> Self {
        Self { name: name.into(), grader }
    }
}

/// A part and how much it counts.
#[derive(Debug, Clone)]
pub struct Weighted {
    /// What its value is multiplied by.
    pub weight: f64,
    /// The part.
    pub part: Part,
}
