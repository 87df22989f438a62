//! How long do a million entities take, and how much memory? Makes them up, merges, packs and walks.
//!
//! ```text
//! cargo run --release -p offseeker-entity-graph --example at_scale -- 1000000 10
//! ```
//!
//! The first number is how many entities there are, the second how many relations each has. One name in ten is another
//! spelling of a name before it.

use std::error::Error;
use std::time::Instant;

use offseeker_entity_graph::{
    Direction, Entity, EntityId, Evidence, PackedGraph, Packer, Record, Relation, Rules, SampleOptions, WalkOptions,
    duplicates, rng,
};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

const SYLLABLES: [&str; 24] = [
    "ka", "lin", "or", "sa", "vos", "mer", "ti", "dan", "el", "ro", "bur", "gen", "ha", "sto", "wick", "ny", "pra",
    "lo", "shen", "mi", "zu", "tor", "val", "qui",
];
const KINDS: [&str; 5] = ["person", "place", "work", "organisation", "river"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<usize>());
    let count = numbers.next().transpose()?.unwrap_or(20_000);
    let each = numbers.next().transpose()?.unwrap_or(10);
    let mut rng = rng(1, "0", "names");

    let entities = entities(count, &mut rng);
    println!("{count} names, {} MB resident", resident());
    let since = Instant::now();
    let merges = duplicates(&entities);
    println!("merged: {} are another, {:.2?}, {} MB at most", merges.len(), since.elapsed(), peak());
    drop(merges);

    let path = std::env::temp_dir().join("at_scale.packed");
    let since = Instant::now();
    pack(entities, each, &path, &mut rng)?;
    println!("packed: {} relations, {:.2?}, {} MB at most", count * each, since.elapsed(), peak());

    let since = Instant::now();
    let graph = PackedGraph::open(&path)?;
    println!("opened: {:.2?}, {} MB on disk", since.elapsed(), std::fs::metadata(&path)?.len() >> 20);
    draw(&graph)?;
    std::fs::remove_file(path)?;
    Ok(())
}

fn entities(count: usize, rng: &mut ChaCha8Rng) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::with_capacity(count);
    for at in 0..count {
        let name = if at % 10 == 9 {
            let other = &entities[rng.random_range(0..at)].name;
            if rng.random() { other.to_uppercase() } else { format!("The {other}") }
        } else {
            let word = |rng: &mut ChaCha8Rng| -> String {
                let length = rng.random_range(2..5);
                (0..length).map(|_| SYLLABLES[rng.random_range(0..SYLLABLES.len())]).collect()
            };
            format!("{} {} {}", word(rng), word(rng), word(rng))
        };
        entities.push(Entity::new(EntityId::of(&[&at.to_string()]), name));
    }
    entities
}

fn pack(
    entities: Vec<Entity>,
    each: usize,
    path: &std::path::Path,
    rng: &mut ChaCha8Rng,
) -> Result<(), Box<dyn Error>> {
    let ids: Vec<EntityId> = entities.iter().map(|entity| entity.id).collect();
    let mut packer = Packer::new(offseeker_durable::Draft::beside(path)?)?;
    for entity in entities {
        packer.add(&Record::Entity(entity))?;
    }
    let quote = "It is so.";
    for from in &ids {
        for _ in 0..each {
            let to = ids[rng.random_range(0..ids.len())];
            let evidence = Evidence::cut_hashed("https://karlin.example/", quote, 0..quote.len(), "00");
            let relation = Relation::new(*from, KINDS[rng.random_range(0..KINDS.len())], to).saying(quote);
            packer.add(&Record::Relation(evidence.into_iter().fold(relation, Relation::with_evidence)))?;
        }
    }
    packer.finish()?.publish(path)?;
    Ok(())
}

fn draw(graph: &PackedGraph) -> Result<(), Box<dyn Error>> {
    const DRAWN: usize = 100_000;
    let options =
        WalkOptions { rules: Rules { most_relations: Some(40), ..Rules::default() }, ..WalkOptions::default() };
    let since = Instant::now();
    let mut steps = 0;
    for item in 0..DRAWN {
        let mut rng = rng(1, &item.to_string(), "walk");
        if let Some(start) = options.rules.start(graph, 100, &mut rng) {
            steps += options.walk(graph, start, &mut rng)?.map_or(0, |walk| walk.edges.len());
        }
    }
    println!("walked: {DRAWN} walks, {steps} steps, {:.2?}", since.elapsed());

    let rules = Rules { direction: Direction::Both, most_relations: Some(40), ..Rules::default() };
    let options = SampleOptions { rules, ..SampleOptions::default() };
    let since = Instant::now();
    let mut nodes = 0;
    for item in 0..DRAWN {
        let mut rng = rng(1, &item.to_string(), "sample");
        if let Some(start) = options.rules.start(graph, 100, &mut rng) {
            nodes += options.sample(graph, start, &mut rng)?.map_or(0, |sample| sample.nodes.len());
        }
    }
    println!("sampled: {DRAWN} samples, {nodes} entities, {:.2?}, {} MB resident", since.elapsed(), resident());
    Ok(())
}

/// Megabytes in memory now, where the system says it.
fn resident() -> u64 {
    status("VmRSS:")
}

/// Megabytes in memory at most so far.
fn peak() -> u64 {
    status("VmHWM:")
}

fn status(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1_024
}
