//! Extraction that needs no model: the passages that share words with the goal.

use async_trait::async_trait;
use offseeker_pages::{Page, estimate_tokens};

use super::{Extractor, Report};
use crate::ToolError;

/// Gives the page as it is where it is short, else the passages that share most words with the goal, word for word and
/// in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByWords {
    /// The longest page that is given as it is, in estimated tokens.
    pub short: usize,
    /// The most passages of a longer page, in estimated tokens.
    pub most: usize,
}

impl Default for ByWords {
    /// Pages up to 4,000 tokens as they are, and as much of longer ones.
    fn default() -> Self {
        Self { short: 4_000, most: 4_000 }
    }
}

impl ByWords {
    /// The report on a page.
    #[must_use]
    pub fn report(&self, page: &Page, goal: &str) -> Report {
        if estimate_tokens(&page.text) <= self.short {
            return Report::verbatim(&page.text);
        }
        Report::verbatim(offseeker_pages::extract(&page.text, goal, self.most))
    }
}

#[async_trait]
impl Extractor for ByWords {
    async fn extract(&self, page: &Page, goal: &str) -> Result<Report, ToolError> {
        Ok(self.report(page, goal))
    }
}
