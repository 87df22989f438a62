//! The tool that looks names up in an encyclopedia.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::{Page, PageError};
use offseeker_search::{Encyclopedia, Entry as Found};
use offseeker_trajectory::{CallStatus, Source, ToolSpec, View};
use serde_json::Value;

use crate::asked::Asked;
use crate::profile::{Entry, WikiText};
use crate::visit::{fatal, status_of};
use crate::{Cut, Observation, Tool, ToolError};

/// The most names that one call may hold.
const MAX_NAMES: usize = 20;

/// Looks names up in an encyclopedia, and gives their entries in the order of the names.
#[derive(Debug)]
pub struct Wiki {
    entry: Entry,
    text: WikiText,
    encyclopedia: Arc<dyn Encyclopedia>,
}

/// What came of one name.
type LookedUp = Result<Found, PageError>;

impl Wiki {
    /// A tool with the name, the schema and the format of `entry`.
    pub(crate) fn new(entry: Entry, text: WikiText, encyclopedia: Arc<dyn Encyclopedia>) -> Self {
        Self { entry, text, encyclopedia }
    }

    /// What came of a name that the model is told of, or the end of the attempt.
    async fn look_up(&self, name: &str) -> Result<LookedUp, ToolError> {
        let found = self.encyclopedia.look_up(name).await;
        match found.as_ref().err().and_then(|error| fatal(&self.entry.spec.name, error)) {
            Some(fatal) => Err(fatal),
            None => Ok(found),
        }
    }

    fn write(&self, name: &str, found: &LookedUp) -> (String, Option<Cut>) {
        let listed = |titles: &[String]| titles.iter().map(|title| format!("- {title}")).collect::<Vec<_>>().join("\n");
        let text = match found {
            Ok(Found::Article(page)) => return self.article(name, page),
            Ok(Found::Several(titles)) => self.text.several.fill(&[("name", name), ("titles", &listed(titles))]),
            Ok(Found::Missing(titles)) => self.text.missing.fill(&[("name", name), ("titles", &listed(titles))]),
            Err(error) => self.text.failed.fill(&[("name", name), ("reason", &error.to_string())]),
        };
        (text, None)
    }

    fn article(&self, name: &str, page: &Page) -> (String, Option<Cut>) {
        let end = page.text.char_indices().nth(self.text.longest).map(|(end, _)| end);
        let text = &page.text[..end.unwrap_or(page.text.len())];
        let written =
            self.text.entry.fill(&[("name", name), ("title", &page.title), ("url", &page.url), ("text", text)]);
        if end.is_none() {
            return (written, None);
        }
        let (shown, length) = (text.chars().count(), page.text.chars().count());
        let (shown_text, length_text) = (shown.to_string(), length.to_string());
        let hint =
            self.text.cut.fill(&[("name", name), ("url", &page.url), ("shown", &shown_text), ("length", &length_text)]);
        let tokens = offseeker_pages::estimate_tokens;
        (written + &hint, Some(Cut { from: tokens(&page.text), to: tokens(text) }))
    }
}

#[async_trait]
impl Tool for Wiki {
    fn spec(&self) -> ToolSpec {
        self.entry.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let names = self.entry.strings(&arguments, "entities");
        if names.is_empty() || names.len() > MAX_NAMES || names.iter().any(|name| name.trim().is_empty()) {
            let reason = format!("Give one name at least and {MAX_NAMES} at most, and none without letters.");
            return Ok(Observation::new(CallStatus::InvalidArguments, reason));
        }
        let found = Asked::each(&names, |name| self.look_up(name)).await?;
        let written: Vec<(String, Option<Cut>)> =
            found.in_order().map(|(name, found)| self.write(name, found)).collect();
        let shown = found.different().filter_map(|found| match found {
            Ok(Found::Article(page)) => Some(Source { url: page.url.clone(), view: View::Page }),
            _ => None,
        });
        let texts: Vec<&str> = written.iter().map(|(text, _)| text.as_str()).collect();
        let mut observation = Observation::new(status(&found), texts.join(&self.text.between)).showing(shown);
        observation.cut = written
            .iter()
            .filter_map(|(_, cut)| *cut)
            .reduce(|sum, cut| Cut { from: sum.from + cut.from, to: sum.to + cut.to });
        Ok(observation)
    }
}

/// How the call went as a whole: well where one name has an entry, or several.
fn status(found: &Asked<'_, LookedUp>) -> CallStatus {
    let is_there = |found: &LookedUp| matches!(found, Ok(Found::Article(_) | Found::Several(_)));
    if found.different().any(is_there) {
        return CallStatus::Ok;
    }
    match found.different().next() {
        Some(Err(error)) => status_of(error),
        _ => CallStatus::NotFound,
    }
}
