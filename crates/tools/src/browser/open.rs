//! Opens a page in the browser, or shows another part of one.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::{Library, PageError};
use offseeker_trajectory::ToolSpec;
use serde_json::Value;

use super::Session;
use super::session::{Part, Stack, wrong};
use super::view::{Link, Sheet};
use crate::profile::{BrowserText, Entry};
use crate::visit::{fatal, status_of};
use crate::{Observation, Tool, ToolError};

/// Opens a link by its number, or an address; or shows another part of what is open.
#[derive(Debug)]
pub struct BrowserOpen {
    entry: Entry,
    text: BrowserText,
    library: Arc<dyn Library>,
    session: Session,
}

/// What is to be shown.
enum Wanted {
    /// The page at an address.
    Page(String),
    /// A sheet that was shown, from a line on where a link led to one.
    Sheet(Arc<Sheet>, Option<usize>),
}

impl BrowserOpen {
    /// A tool with the name and the schema of `entry`, over `library`.
    pub(crate) fn new(entry: Entry, text: BrowserText, library: Arc<dyn Library>, session: Session) -> Self {
        Self { entry, text, library, session }
    }

    fn wanted(&self, stack: &Stack, arguments: &Value, cursor: i64) -> Result<Wanted, String> {
        let id = &arguments[self.entry.field("id")];
        // Models write the number of a link as a string, too.
        let number = id.as_i64().or_else(|| id.as_str()?.trim().parse().ok());
        match (number, id.as_str()) {
            (Some(number), _) if number >= 0 => Ok(match stack.link(cursor, number)? {
                Link::Url(url) => Wanted::Page(url),
                Link::Line { sheet, line } => Wanted::Sheet(sheet, Some(line)),
            }),
            (None, Some(url)) => Ok(Wanted::Page(url.trim().to_owned())),
            _ => stack.at(cursor).map(|sheet| Wanted::Sheet(sheet, None)),
        }
    }

    async fn show(&self, stack: &mut Stack, wanted: Wanted, mut part: Part) -> Result<Observation, ToolError> {
        let sheet = match wanted {
            Wanted::Sheet(sheet, line) => {
                if let (Some(line), ..=-1) = (line, part.line) {
                    part.line = i64::try_from(line).unwrap_or(i64::MAX);
                }
                sheet
            }
            Wanted::Page(url) => match self.library.get(&url).await {
                Ok(page) => Arc::new(Sheet::of(page, self.text.width)),
                Err(error) => return self.failed(&error),
            },
        };
        Ok(stack.show(sheet, part, &self.text))
    }

    fn failed(&self, error: &PageError) -> Result<Observation, ToolError> {
        match fatal(&self.entry.spec.name, error) {
            Some(fatal) => Err(fatal),
            None => Ok(Observation::new(status_of(error), format!("The page cannot be opened: {error}."))),
        }
    }
}

#[async_trait]
impl Tool for BrowserOpen {
    fn spec(&self) -> ToolSpec {
        self.entry.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let integer = |purpose| self.entry.integer(&arguments, purpose).unwrap_or(-1);
        let part = Part { line: integer("loc"), lines: integer("num_lines") };
        let mut stack = self.session.lock().await;
        match self.wanted(&stack, &arguments, integer("cursor")) {
            Ok(wanted) => self.show(&mut stack, wanted, part).await,
            Err(reason) => Ok(wrong(reason)),
        }
    }

    fn remembers(&self) -> bool {
        true
    }
}
