//! Entities, facts with evidence, relations: grown from pages, kept in a file, walked over.
//!
//! A question that needs research is made of something that is true, and of a way that leads to it. Both come from an
//! [`EntityGraph`]: things that have names, what is true of each, and how they have to do with each other. Every fact and
//! every relation carries its [`Evidence`], the words of a page that say it, so that whoever reads a question can look up
//! why its answer is right. What has none says so.
//!
//! - [`grow`] makes a graph of pages without a model, by titles, links and fields; [`folder_pages`] reads a folder for it, `MediaWikiDump`
//!   (feature `dump`) a dump of a wiki.
//! - [`expand`] grows one by a model: nouns, what a search finds by them, names that few know, what is written about these.
//! - [`duplicates`] finds entities that are the same under other names, a million in seconds.
//! - [`PackedGraph`] is a graph in one file that is read where it lies, by millions of entities.
//! - [`WalkOptions`] and [`SampleOptions`] draw walks and small parts of it at random, the same ones for the same seed.
//! - [`RecordReader`] and [`RecordWriter`] read and write graphs as JSON lines; [`export`] writes them as others do.
//!
//! This is no database and no knowledge base: a graph is made, kept and read, and what changes is made again. Nothing is
//! inferred; a relation is there because a page says it.
//!
//! ```
//! use offseeker_entity_graph::{GrowOptions, PackedGraph, Rules, WalkOptions, grow, rng};
//! use offseeker_pages::{Hints, Page, read};
//!
//! let page = |url: &str, html: &str| read(html.as_bytes(), &Hints::new(url));
//! let pages: Vec<Page> = vec![
//!     page("https://karlin.example/mill", "<title>Karlin mill</title>It stands on the <a href=orsa>Orsa</a>.")?,
//!     page("https://karlin.example/orsa", "<title>Orsa</title>The Orsa flows into the <a href=sea>Inner Sea</a>.")?,
//! ];
//! let graph = PackedGraph::of(&grow(pages, &GrowOptions::default()))?;
//!
//! let options = WalkOptions { weights: vec![0, 1], rules: Rules::default(), ..WalkOptions::default() };
//! let mill = graph.named("karlin mill")?[0];
//! let walk = options.walk(&graph, mill, &mut rng(1, "0", "walk"))?.expect("one leads from the mill to the sea");
//! let names: Vec<&str> = walk.nodes.iter().map(|node| graph.name(*node)).collect();
//! assert_eq!(names, ["Karlin mill", "Orsa", "Inner Sea"]);
//! assert_eq!(graph.relation(walk.edges[1])?.evidence[0].quote, "The Orsa flows into the Inner Sea.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod dedup;
mod entity;
mod error;
mod evidence;
pub mod expand;
pub mod export;
mod fact;
mod graph;
mod grow;
mod id;
mod near_match;
mod packed;
mod record;
mod record_reader;
mod record_writer;
mod relation;
mod statistics;
mod walk;

pub use dedup::{Merges, duplicates, key};
pub use entity::Entity;
pub use error::GraphError;
pub use evidence::{Evidence, LEAST_RATIO, Span, Support, page_hash};
pub use fact::Fact;
pub use graph::EntityGraph;
#[cfg(feature = "dump")]
pub use grow::{DumpPage, MediaWikiDump};
pub use grow::{GrowOptions, Grower, Grown, LEAST_SHARE, LONG_TAIL, LongTail, folder_pages, grow, long_tail_score};
pub use id::{EntityId, NotAnId};
pub use packed::{Edge, Node, PackedGraph, Packer};
pub use record::Record;
pub use record_reader::{LONGEST_LINE, RecordReader};
pub use record_writer::RecordWriter;
pub use relation::Relation;
pub use statistics::Statistics;
pub use walk::{Direction, Rules, Sample, SampleOptions, Step, Walk, WalkOptions, rng};
