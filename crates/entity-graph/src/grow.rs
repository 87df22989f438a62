//! Grows a graph from pages, without a model.

mod apart;
#[cfg(feature = "dump")]
mod dump;
mod fields;
mod folder;
mod grower;
mod lists;
mod long_tail;
mod names;
mod sentences;
mod tables;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

#[cfg(feature = "dump")]
pub use dump::{DumpPage, MediaWikiDump};
pub use folder::folder_pages;
pub use grower::{GrowOptions, Grower, Grown};
pub use long_tail::{LEAST_SHARE, LONG_TAIL, LongTail, long_tail_score};

use offseeker_pages::Page;

use crate::EntityGraph;

/// Grows a graph from pages, in memory. For pages that are more than fit there, see [`Grower`].
///
/// ```
/// use offseeker_entity_graph::{GrowOptions, grow};
/// use offseeker_pages::{Hints, read};
///
/// let html = r#"<title>Karlin mill</title><p>Karlin mill stands on the <a href="/orsa">Orsa</a>. It burnt down."#;
/// let page = read(html.as_bytes(), &Hints::new("https://karlin.example/mill"))?;
/// let graph = grow([page], &GrowOptions::default());
///
/// assert_eq!(graph.entities.len(), 2);
/// assert_eq!(graph.relations[0].evidence[0].quote, "Karlin mill stands on the Orsa.");
/// # Ok::<(), offseeker_pages::PageError>(())
/// ```
#[must_use]
pub fn grow(pages: impl IntoIterator<Item = Page>, options: &GrowOptions) -> EntityGraph {
    let mut grower = Grower::new(options.clone());
    let mut graph = EntityGraph::new();
    for page in pages {
        grower.page(&page, |record| graph.add(record));
    }
    let grown = grower.finish();
    graph.entities = grown.entities;
    if grown.redirects.is_empty() { graph } else { grown.redirects.apply(graph) }
}
