//! Entities, facts with evidence, relations.

mod dedup;
mod entity;
mod error;
mod evidence;
pub mod export;
mod fact;
mod graph;
mod id;
mod near_match;
mod packed;
mod record;
mod record_reader;
mod record_writer;
mod relation;
mod walk;

pub use dedup::{Merges, duplicates, key};
pub use entity::Entity;
pub use error::GraphError;
pub use evidence::{Evidence, LEAST_RATIO, Span, Support, page_hash};
pub use fact::Fact;
pub use graph::EntityGraph;
pub use id::{EntityId, NotAnId};
pub use packed::{Edge, Node, PackedGraph, Packer};
pub use record::Record;
pub use record_reader::{LONGEST_LINE, RecordReader};
pub use record_writer::RecordWriter;
pub use relation::Relation;
pub use walk::{Direction, Rules, Sample, SampleOptions, Step, Walk, WalkOptions, rng};
