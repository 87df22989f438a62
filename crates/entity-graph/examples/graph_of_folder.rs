//! What graph is in a folder? Reads its Markdown and HTML, and prints what grew from it.
//!
//! ```text
//! cargo run --release -p offseeker-entity-graph --example graph_of_folder -- FOLDER [OUT]
//! ```
//!
//! Without a folder it reads the documentation of this repository. `OUT` is a folder for `graph.jsonl` (the records),
//! `graph.packed` (what is walked over) and `sample.dot` (a sample to draw: `dot -Tsvg sample.dot`); without it they are
//! written beside other temporary files.

use std::error::Error;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Instant;

use offseeker_entity_graph::export::write_dot;
use offseeker_entity_graph::{
    GrowOptions, Grower, LongTail, PackedGraph, Rules, SampleOptions, WalkOptions, duplicates, folder_pages, rng,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")));
    let out = arguments.next().unwrap_or_else(|| std::env::temp_dir().join("graph_of_folder"));
    fs::create_dir_all(&out)?;

    let graph = grown(&folder)?;
    let since = Instant::now();
    let merges = duplicates(&graph.entities);
    println!(
        "{} of {} entities are another under another name ({:.1?})",
        merges.len(),
        graph.entities.len(),
        since.elapsed()
    );
    let graph = merges.apply(graph);
    graph.write(out.join("graph.jsonl"))?;

    let packed = PackedGraph::pack(graph.records(), out.join("graph.packed"))?;
    let (nodes, edges, facts) = (packed.node_count(), packed.edge_count(), packed.fact_count());
    println!("{nodes} entities, {edges} relations, {facts} facts");
    let supported = packed.edges().filter(|edge| packed.is_supported(*edge)).count();
    println!("{supported} relations have evidence");
    let known = LongTail::of(&packed);
    println!(
        "{:.0} % of the entities are little known{}",
        100.0 * known.share(),
        if known.is_short() { ": too few" } else { "" }
    );

    println!("\nwalks:");
    let rules = Rules { most_relations: Some(200), ..Rules::default() };
    let options = WalkOptions { rules: rules.clone(), ..WalkOptions::default() };
    for item in 0..6 {
        let mut rng = rng(1, &item.to_string(), "walk");
        let Some(start) = rules.start(&packed, 1_000, &mut rng) else { break };
        let Some(walk) = options.walk(&packed, start, &mut rng)? else { continue };
        println!("- {}", packed.name(start));
        for (edge, node) in walk.edges.iter().zip(&walk.nodes[1..]) {
            let text = packed.relation(*edge)?.text;
            println!("    {} -> {}: {:.90}", packed.relation_kind(*edge), packed.name(*node), text);
        }
    }

    let options = SampleOptions::default();
    let mut rng = rng(1, "0", "sample");
    if let Some(around) = options.rules.start(&packed, 1_000, &mut rng)
        && let Some(sample) = options.sample(&packed, around, &mut rng)?
    {
        let part = packed.subgraph(&sample.nodes, &sample.edges)?;
        write_dot(&part, File::create(out.join("sample.dot"))?)?;
        println!("\na sample of {} entities and {} relations", sample.nodes.len(), sample.edges.len());
    }
    println!("written to {}", out.display());
    Ok(())
}

fn grown(folder: &std::path::Path) -> Result<offseeker_entity_graph::EntityGraph, Box<dyn Error>> {
    let since = Instant::now();
    let mut grower = Grower::new(GrowOptions { within: vec!["file://".to_owned()], ..GrowOptions::default() });
    let mut graph = offseeker_entity_graph::EntityGraph::new();
    let (mut pages, mut skipped) = (0, 0);
    for page in folder_pages(folder)? {
        match page {
            Ok(page) => {
                pages += 1;
                grower.page(&page, |record| graph.add(record));
            }
            Err(error) => {
                skipped += 1;
                eprintln!("left out: {error}");
            }
        }
    }
    let grown = grower.finish();
    graph.entities = grown.entities;
    println!("{pages} pages of {}, {skipped} left out ({:.1?})", folder.display(), since.elapsed());
    Ok(graph)
}
