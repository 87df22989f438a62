//! What a page says about a goal.

mod by_model;
mod by_words;

use std::fmt::Debug;

use async_trait::async_trait;
use offseeker_pages::Page;
use offseeker_trajectory::Usage;

pub use by_model::ByModel;
pub use by_words::ByWords;

use crate::ToolError;

/// Finds what a page says about a goal.
#[async_trait]
pub trait Extractor: Debug + Send + Sync {
    /// Reports what the page says about the goal. A page that says nothing of it gives a report that says so.
    async fn extract(&self, page: &Page, goal: &str) -> Result<Report, ToolError>;
}

/// What a page says about a goal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// What it says in its own words: the page itself where that is short.
    pub evidence: String,
    /// What that comes to, where a model said it.
    pub summary: Option<String>,
    /// What models that wrote the report cost.
    pub usage: Usage,
}

impl Report {
    /// A report in the page's own words.
    pub fn verbatim(evidence: impl Into<String>) -> Self {
        Self { evidence: evidence.into(), ..Self::default() }
    }

    /// The report as one text: the summary, or the evidence where there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.summary.as_deref().unwrap_or(&self.evidence)
    }
}
