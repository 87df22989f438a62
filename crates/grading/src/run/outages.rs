//! How often graders failed in a row.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::GradeError;

/// How often graders failed in a row, and how often they may.
#[derive(Debug)]
pub(super) struct Outages {
    most: u32,
    in_a_row: Mutex<HashMap<String, u32>>,
}

impl Outages {
    pub(super) fn new(most: u32) -> Self {
        Self { most: most.max(1), in_a_row: Mutex::default() }
    }

    pub(super) fn worked(&self, grader: &str) {
        self.in_a_row().remove(grader);
    }

    /// Counts a failure that may pass, and gives up where there were too many, or where it will not pass.
    pub(super) fn failed(&self, grader: &str, error: GradeError) -> Result<(), GradeError> {
        if !error.may_pass() {
            return Err(error);
        }
        let mut counts = self.in_a_row();
        let count = counts.entry(grader.to_owned()).or_default();
        *count += 1;
        if *count < self.most {
            return Ok(());
        }
        Err(GradeError::Outage { grader: grader.to_owned(), in_a_row: *count, reason: error.to_string() })
    }

    fn in_a_row(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.in_a_row.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
