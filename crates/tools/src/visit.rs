//! The tool that reads pages with a question in mind.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};
use offseeker_trajectory::{CallStatus, Source, ToolSpec, Usage, View};
use serde_json::Value;

use crate::asked::Asked;
use crate::extract::{Extractor, Report};
use crate::profile::{Entry, ReportText};
use crate::{Observation, Tool, ToolError};

/// The most addresses that one call may hold.
const MAX_URLS: usize = 20;

/// Reads pages and reports what they say about a goal, in the order of their addresses.
///
/// An address that stands twice in a call is read once and reported twice.
#[derive(Debug)]
pub struct Visit {
    entry: Entry,
    text: ReportText,
    library: Arc<dyn Library>,
    extractor: Arc<dyn Extractor>,
}

/// What came of one address.
type Visited = Result<(Page, Report), PageError>;

impl Visit {
    /// A tool with the name, the schema and the format of `entry`.
    pub(crate) fn new(
        entry: Entry,
        text: ReportText,
        library: Arc<dyn Library>,
        extractor: Arc<dyn Extractor>,
    ) -> Self {
        Self { entry, text, library, extractor }
    }

    async fn visit(&self, url: &str, goal: &str) -> Result<Visited, ToolError> {
        match self.library.get(url.trim()).await {
            Ok(page) => {
                let report = self.extractor.extract(&page, goal).await?;
                Ok(Ok((page, report)))
            }
            Err(error) => match fatal(&self.entry.spec.name, &error) {
                Some(fatal) => Err(fatal),
                None => Ok(Err(error)),
            },
        }
    }

    fn write(&self, url: &str, goal: &str, visited: &Visited) -> String {
        match visited {
            Ok((page, report)) => self.text.page.fill(&[
                ("url", url),
                ("title", &page.title),
                ("goal", goal),
                ("report", report.text()),
                ("evidence", &report.evidence),
                ("summary", report.summary.as_deref().unwrap_or(&self.text.no_summary)),
            ]),
            Err(error) => self.text.failed.fill(&[("url", url), ("goal", goal), ("reason", &error.to_string())]),
        }
    }
}

#[async_trait]
impl Tool for Visit {
    fn spec(&self) -> ToolSpec {
        self.entry.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let urls = self.entry.strings(&arguments, "urls");
        let goal = self.entry.string(&arguments, "goal");
        if urls.is_empty() || urls.len() > MAX_URLS {
            let reason = format!("Give one address at least and {MAX_URLS} at most; there are {}.", urls.len());
            return Ok(Observation::new(CallStatus::InvalidArguments, reason));
        }
        let visits = Asked::each(&urls, |url| self.visit(url, &goal)).await?;
        let written: Vec<String> = visits.in_order().map(|(url, visited)| self.write(url, &goal, visited)).collect();
        let read = visits.different().filter_map(|visited| visited.as_ref().ok());
        let usage: Usage = read.clone().map(|(_, report)| report.usage).sum();
        let mut observation = Observation::new(status(&visits), written.join(&self.text.between))
            .showing(read.map(|(page, _)| Source { url: page.url.clone(), view: View::Page }));
        observation.usage = usage;
        Ok(observation)
    }
}

/// How the call went as a whole: well where one page was read.
fn status(visits: &Asked<'_, Visited>) -> CallStatus {
    let mut status = CallStatus::Ok;
    for visited in visits.different() {
        match visited {
            Ok(_) => return CallStatus::Ok,
            Err(error) if status == CallStatus::Ok => status = status_of(error),
            Err(_) => {}
        }
    }
    status
}

/// The end of the attempt, where the model can do nothing about what happened.
pub(crate) fn fatal(tool: &str, error: &PageError) -> Option<ToolError> {
    match error {
        PageError::NotRecorded { .. } => {
            Some(ToolError::NotRecorded { tool: tool.to_owned(), reason: error.to_string() })
        }
        PageError::Broken { .. } => Some(ToolError::broken(tool, error.to_string())),
        _ => None,
    }
}

/// The status of a call for one page that could not be had.
pub(crate) fn status_of(error: &PageError) -> CallStatus {
    match error {
        PageError::NotFound { .. } | PageError::Unreadable { .. } => CallStatus::NotFound,
        PageError::InvalidUrl { .. } => CallStatus::InvalidArguments,
        PageError::Blocked { .. } => CallStatus::Blocked,
        PageError::Timeout { .. } => CallStatus::Timeout,
        PageError::Transient { .. } => CallStatus::Transient,
        PageError::RateLimited { .. } => CallStatus::RateLimited,
        _ => CallStatus::Internal,
    }
}
