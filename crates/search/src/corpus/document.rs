//! What is put into an index.

use offseeker_pages::Page;
use serde::{Deserialize, Serialize};

/// What is put into an index: a page, and what its corpus calls it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What the corpus calls it, where it has names of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The page.
    pub page: Page,
}

impl Document {
    /// A page that has no other name than its address.
    pub fn new(page: Page) -> Self {
        Self { id: None, page }
    }
}

impl From<Page> for Document {
    fn from(page: Page) -> Self {
        Self::new(page)
    }
}
