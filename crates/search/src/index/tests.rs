//! Tests of the index.

mod opening;
mod ranking;
mod writing;

use std::path::Path;

use offseeker_pages::Page;
use tempfile::TempDir;

use crate::{LocalIndex, Query, Settings, WriterOptions};

/// One thread and little memory, so that tests are quick and may run side by side.
const SMALL: WriterOptions = WriterOptions { threads: 1, memory: 16 << 20 };

struct Made {
    folder: TempDir,
    index: LocalIndex,
}

impl Made {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn found(&self, query: &str) -> Vec<String> {
        let hits = self.index.find(&Query::new(query)).unwrap();
        hits.into_iter().map(|hit| hit.url).collect()
    }

    /// Puts pages in, or takes out those whose address begins with a minus, and commits.
    fn write(&mut self, pages: &[Page]) {
        let mut writer = self.index.writer(SMALL).unwrap();
        for page in pages {
            match page.url.strip_prefix('-') {
                Some(url) => writer.delete(url).unwrap(),
                None => writer.add(page.clone()).unwrap(),
            }
        }
        writer.commit().unwrap();
        drop(writer);
        self.index.refresh().unwrap();
    }
}

fn made(settings: Settings, pages: &[Page]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let index = LocalIndex::create(folder.path(), settings).unwrap();
    let mut made = Made { folder, index };
    made.write(pages);
    made
}

fn page(url: &str, title: &str, text: &str) -> Page {
    Page::new(url, title, text)
}
