//! How long does a world of a million entities take, and how much memory?
//!
//! ```text
//! cargo run --release -p offseeker-toy-world --example at_scale -- 1000000
//! ```

use std::error::Error;
use std::time::Instant;

use offseeker_entity_graph::PackedGraph;
use offseeker_toy_world::{World, WorldOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let entities = std::env::args().nth(1).map(|number| number.parse()).transpose()?.unwrap_or(20_000);
    let since = Instant::now();
    let world = World::new(WorldOptions { entities, ..WorldOptions::default() })?;
    println!("world: {entities} entities, {:.2?}, {} MB at most", since.elapsed(), peak());

    let since = Instant::now();
    let (pages, bytes) = world.pages().fold((0_u64, 0), |(pages, bytes), page| (pages + 1, bytes + page.text.len()));
    println!("pages: {pages}, {bytes} bytes of text, {:.2?}, {} MB at most", since.elapsed(), peak());

    let folder = tempfile::tempdir()?;
    let since = Instant::now();
    world.write_pages(folder.path().join("pages.jsonl"))?;
    println!("written: {:.2?}, {} MB at most", since.elapsed(), peak());

    let since = Instant::now();
    let graph = PackedGraph::pack(world.records(), folder.path().join("world.graph"))?;
    let (facts, relations) = (graph.fact_count(), graph.edge_count());
    println!("packed: {facts} facts, {relations} relations, {:.2?}, {} MB at most", since.elapsed(), peak());

    let since = Instant::now();
    let corpus = world.corpus();
    println!("corpus in memory: {} pages, {:.2?}, {} MB at most", corpus.len(), since.elapsed(), peak());
    Ok(())
}

/// Megabytes in memory at most so far, where the system says it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1_024
}
