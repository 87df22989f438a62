//! Time and memory of a graph of a million entities and ten million relations: packing it, walking it, merging names.
//!
//! `cargo bench --bench graph` measures our side; `benches/peers/graph/run.sh` sets networkx, igraph and datasketch beside
//! it, over the same relations and names. What is measured runs in a process of its own, so that its memory is its own.
//!
//! - `--make FOLDER ENTITIES` writes `relations.bin` (from, kind, to: 32 bits each) and `names.txt`.
//! - `--build FOLDER`, `--draw FOLDER WALKS` and `--merge FOLDER NAMES` print one line of JSON.

#[path = "../parts/memory.rs"]
mod memory;
#[path = "../parts/words.rs"]
mod words;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use memory::memory;
use offseeker::entity_graph::{
    Direction, Entity, EntityId, Evidence, GraphError, PackedGraph, Packer, Record, Relation, Rules, SampleOptions,
    WalkOptions, duplicates, rng,
};
use serde_json::{Value, json};
use words::{Dice, word};

const ENTITIES: usize = 1_000_000;

/// Relations that begin at each entity.
const EACH: usize = 10;

const DRAWN: usize = 100_000;

/// Walks and samples pass by what has more relations.
const MOST_RELATIONS: usize = 40;

const KINDS: [&str; 5] = ["author", "lies in", "founded by", "part of", "flows into"];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--make", folder, entities] => make(Path::new(folder), entities.parse()?)?,
        ["--build", folder] => println!("{}", build(Path::new(folder))?),
        ["--draw", folder, drawn] => println!("{}", draw(Path::new(folder), drawn.parse()?)?),
        ["--merge", folder, names] => println!("{}", merge(Path::new(folder), names.parse()?)?),
        _ => all()?,
    }
    Ok(())
}

fn all() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let place = folder.path().to_str().ok_or("the folder has a name of plain characters")?;
    make(folder.path(), ENTITIES)?;
    println!("{ENTITIES} entities, {} relations", ENTITIES * EACH);
    println!("{:>28} {:>10} {:>12} {:>12}", "", "seconds", "peak (MB)", "disk (MB)");
    let line = |what: &str, row: &Value, seconds: &str| {
        let number = |name: &str| row[name].as_f64().unwrap_or_default();
        println!("{what:>28} {:>10.2} {:>12.0} {:>12.0}", number(seconds), number("peak_mb"), number("disk_mb"));
    };
    line("pack", &again(&["--build", place])?, "seconds");
    let drawn = again(&["--draw", place, &DRAWN.to_string()])?;
    line("open", &drawn, "open_seconds");
    line(&format!("{DRAWN} walks"), &drawn, "walk_seconds");
    line(&format!("{DRAWN} samples"), &drawn, "sample_seconds");
    let own = drawn["own_mb"].as_f64().unwrap_or_default();
    println!("{:>28} {own:.0} MB of that memory is our own, the rest the file that is mapped", "");
    line(&format!("merge {ENTITIES} names"), &again(&["--merge", place, &ENTITIES.to_string()])?, "seconds");
    Ok(())
}

fn again(arguments: &[&str]) -> Outcome<Value> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(arguments).stderr(Stdio::inherit()).output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Names of three words, of which one in ten is another spelling of one before it; relations at random.
fn make(folder: &Path, entities: usize) -> io::Result<()> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut names: Vec<String> = Vec::with_capacity(entities);
    for at in 0..entities {
        let other = (at % 10 == 9).then(|| names[dice.below(at)].clone());
        names.push(match other {
            Some(other) if dice.below(2) == 0 => other.to_uppercase(),
            Some(other) => format!("The {other}"),
            None => [(); 3].map(|()| word(100 + dice.below(60_000))).join(" "),
        });
    }
    let mut out = BufWriter::new(File::create(folder.join("names.txt"))?);
    names.iter().try_for_each(|name| writeln!(out, "{name}"))?;
    out.flush()?;
    let mut out = BufWriter::new(File::create(folder.join("relations.bin"))?);
    for from in 0..entities {
        for _ in 0..EACH {
            for number in [from, dice.below(KINDS.len()), dice.below(entities)] {
                out.write_all(&u32::try_from(number).unwrap_or_default().to_le_bytes())?;
            }
        }
    }
    out.flush()
}

fn names(folder: &Path, most: usize) -> io::Result<Vec<String>> {
    BufReader::new(File::open(folder.join("names.txt"))?).lines().take(most).collect()
}

fn id(number: usize) -> EntityId {
    EntityId::of(&[&number.to_string()])
}

fn build(folder: &Path) -> Outcome<Value> {
    let begun = Instant::now();
    let packed = folder.join("graph.packed");
    let mut packer = Packer::new(BufWriter::new(File::create(&packed)?))?;
    let names = names(folder, usize::MAX)?;
    let ids: Vec<EntityId> = (0..names.len()).map(id).collect();
    for (id, name) in ids.iter().zip(names) {
        packer.add(&Record::Entity(Entity::new(*id, name)))?;
    }
    let mut triples = BufReader::new(File::open(folder.join("relations.bin"))?);
    let mut triple = [0; 12];
    while triples.read_exact(&mut triple).is_ok() {
        let number =
            |at: usize| triple[at..at + 4].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte));
        packer.add(&relation(ids[number(0)], KINDS[number(4)], ids[number(8)]))?;
    }
    packer.finish()?.flush()?;
    let disk = fs::metadata(&packed)?.len() as f64 / 1e6;
    Ok(json!({"seconds": begun.elapsed().as_secs_f64(), "peak_mb": memory("VmHWM") / 1e6, "disk_mb": disk}))
}

/// A relation with a sentence and the place of it, as a graph that questions are made of has them.
fn relation(from: EntityId, kind: &str, to: EntityId) -> Record {
    let quote = "It is so, as the almanac of that year says.";
    let evidence = Evidence::cut_hashed("https://karlin.example/almanac", quote, 0..quote.len(), "00");
    Record::Relation(evidence.into_iter().fold(Relation::new(from, kind, to).saying(quote), Relation::with_evidence))
}

fn draw(folder: &Path, drawn: usize) -> Outcome<Value> {
    let begun = Instant::now();
    let graph = PackedGraph::open(folder.join("graph.packed"))?;
    let open_seconds = begun.elapsed().as_secs_f64();
    let capped = || Rules { most_relations: Some(MOST_RELATIONS), ..Rules::default() };
    let walks = WalkOptions { rules: capped(), ..WalkOptions::default() };
    let samples = SampleOptions { rules: Rules { direction: Direction::Both, ..capped() }, ..SampleOptions::default() };
    let (walk_seconds, steps) = timed(drawn, |item| {
        let mut rng = rng(1, item, "walk");
        let Some(start) = walks.rules.start(&graph, 100, &mut rng) else { return Ok(0) };
        Ok(walks.walk(&graph, start, &mut rng)?.map_or(0, |walk| walk.edges.len()))
    })?;
    let (sample_seconds, entities) = timed(drawn, |item| {
        let mut rng = rng(1, item, "sample");
        let Some(start) = samples.rules.start(&graph, 100, &mut rng) else { return Ok(0) };
        Ok(samples.sample(&graph, start, &mut rng)?.map_or(0, |sample| sample.nodes.len()))
    })?;
    Ok(json!({
        "open_seconds": open_seconds,
        "walk_seconds": walk_seconds,
        "steps": steps,
        "sample_seconds": sample_seconds,
        "entities": entities,
        "peak_mb": memory("VmHWM") / 1e6,
        "own_mb": memory("RssAnon") / 1e6,
    }))
}

/// The seconds that so many draws take, and what they came to together.
fn timed(drawn: usize, draw: impl Fn(&str) -> Result<usize, GraphError>) -> Result<(f64, usize), GraphError> {
    let begun = Instant::now();
    let mut all = 0;
    for item in 0..drawn {
        all += draw(&item.to_string())?;
    }
    Ok((begun.elapsed().as_secs_f64(), all))
}

fn merge(folder: &Path, most: usize) -> Outcome<Value> {
    let names = names(folder, most)?.into_iter().enumerate();
    let entities: Vec<Entity> = names.map(|(number, name)| Entity::new(id(number), name)).collect();
    let begun = Instant::now();
    let merges = duplicates(&entities);
    Ok(json!({
        "seconds": begun.elapsed().as_secs_f64(),
        "merged": merges.len(),
        "peak_mb": memory("VmHWM") / 1e6,
    }))
}
