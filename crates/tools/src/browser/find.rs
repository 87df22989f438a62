//! Finds where words stand in a page of the browser.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::ToolSpec;
use serde_json::Value;

use super::Session;
use super::session::{Part, wrong};
use super::view::Sheet;
use crate::profile::{BrowserText, Entry};
use crate::{Observation, Tool, ToolError};

/// Finds where words stand in a page of the browser, whether in capital letters or not.
#[derive(Debug)]
pub struct BrowserFind {
    entry: Entry,
    text: BrowserText,
    session: Session,
}

impl BrowserFind {
    /// A tool with the name and the schema of `entry`.
    pub(crate) fn new(entry: Entry, text: BrowserText, session: Session) -> Self {
        Self { entry, text, session }
    }
}

#[async_trait]
impl Tool for BrowserFind {
    fn spec(&self) -> ToolSpec {
        self.entry.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let pattern = self.entry.string(&arguments, "pattern");
        if pattern.trim().is_empty() {
            return Ok(wrong("The pattern has no words.".to_owned()));
        }
        let mut stack = self.session.lock().await;
        match stack.at(self.entry.integer(&arguments, "cursor").unwrap_or(-1)) {
            Ok(sheet) => {
                let finds = Sheet::of_finds(pattern.trim(), &sheet, self.text.finds);
                Ok(stack.show(Arc::new(finds), Part::BEGINNING, &self.text))
            }
            Err(reason) => Ok(wrong(reason)),
        }
    }

    fn remembers(&self) -> bool {
        true
    }
}
