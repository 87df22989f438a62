//! A library in memory.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::{Library, Page, PageError};

/// A library in memory, for tests and for a few pages.
#[derive(Debug, Clone, Default)]
pub struct Shelf(HashMap<String, Page>);

impl Shelf {
    /// A library of these pages; of two with the same address the later one counts.
    pub fn of(pages: impl IntoIterator<Item = Page>) -> Self {
        Self(pages.into_iter().map(|page| (page.url.clone(), page)).collect())
    }
}

#[async_trait]
impl Library for Shelf {
    fn name(&self) -> &str {
        "shelf"
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        self.0.get(url).cloned().ok_or_else(|| PageError::not_found(url))
    }
}
