//! Makes questions that need research out of pages: pages become a graph, and parts of the graph become questions.
//!
//! ```text
//! cargo run --release --example corpus_to_questions
//! cargo run --release --example corpus_to_questions -- FOLDER [OUT]
//! OFFSEEKER_BASE_URL=http://localhost:8000/v1 cargo run --release --example corpus_to_questions -- FOLDER
//! ```
//!
//! Without a folder it takes a made-up encyclopedia; with one, the Markdown, HTML and text in it. It runs without a model:
//! links, titles and fields make the graph, and templates word the questions. With a model (`OFFSEEKER_BASE_URL`,
//! `OFFSEEKER_MODEL`, `OFFSEEKER_API_KEY`) the model finds names in the pages and what is said of them, words the
//! questions, and throws out those that it can answer without research. `OUT` gets the graph, a drawing of a part of it
//! and the questions. Stopped by Ctrl-C and begun again, it goes on.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use offseeker::chat::{ChatModel, ChatModelExt, OpenAi, Options, RetryPolicy};
use offseeker::entity_graph::expand::{ExpandOptions, Expansion, Noun};
use offseeker::entity_graph::export::write_svg;
use offseeker::entity_graph::{
    EntityGraph, GrowOptions, LongTail, PackedGraph, SampleOptions, duplicates, folder_pages, grow, rng,
};
use offseeker::pages::Page;
use offseeker::question_synthesis::{
    ClosedBook, Ground, Judge, Oracle, Phrasebook, Planner, QuestionRow, RowReader, Synthesis, WriteByModel,
};
use offseeker::search::InMemory;
use offseeker::toy_world::{World, WorldOptions};

/// Items that are planned. Some of them become questions.
const ITEMS: u64 = 60;

/// Questions that are shown.
const SHOWN: usize = 10;

#[tokio::main]
async fn main() -> ExitCode {
    match questions().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn questions() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next();
    let model: Option<Arc<dyn ChatModel>> = match OpenAi::from_env(Options::default()).await? {
        Some(server) => Some(Arc::new(server.retrying(RetryPolicy::default()))),
        None => None,
    };
    let by = if model.is_some() { "by-model" } else { "by-rule" };
    let beside = || PathBuf::from("target/corpus_to_questions").join(name_of(&folder)).join(by);
    let out = arguments.next().unwrap_or_else(beside);
    std::fs::create_dir_all(&out).map_err(|error| format!("{} cannot be a folder: {error}", out.display()))?;

    let (graph, phrasebook) = match &folder {
        None => {
            let world = World::new(WorldOptions { seed: 1, entities: 600, ..WorldOptions::default() })?;
            println!("corpus      a made-up encyclopedia of {} pages", world.pages().count());
            match &model {
                Some(model) => (expanded(model, world.pages().collect(), &out).await?, World::phrasebook()),
                None => (world.graph(), World::phrasebook()),
            }
        }
        Some(folder) => {
            let pages: Vec<Page> = folder_pages(folder)?.filter_map(readable).collect();
            if pages.is_empty() {
                return Err(format!("{} has no Markdown, HTML or text in it", folder.display()).into());
            }
            println!("corpus      {}, {} pages", folder.display(), pages.len());
            let graph = match &model {
                Some(model) => expanded(model, pages, &out).await?,
                None => grown(pages),
            };
            (graph, Arc::new(Phrasebook::default()))
        }
    };
    let graph = packed(&graph, &out)?;
    drawn(&graph, &out)?;
    made(graph, phrasebook, model, &name_of(&folder), &out).await
}

fn name_of(folder: &Option<PathBuf>) -> String {
    let name = folder.as_ref().and_then(|folder| folder.file_name());
    name.map_or_else(|| "toy-world".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// A page, unless it cannot be read; then says so.
fn readable<E: std::fmt::Display>(page: Result<Page, E>) -> Option<Page> {
    page.inspect_err(|error| eprintln!("left out: {error}")).ok()
}

/// What links, titles and fields say, with what is the same merged.
fn grown(pages: Vec<Page>) -> EntityGraph {
    let graph = grow(pages, &GrowOptions::default());
    let merges = duplicates(&graph.entities);
    println!("found       {} entities, of which {} are another", graph.entities.len(), merges.len());
    merges.apply(graph)
}

/// What a model finds in the pages.
async fn expanded(model: &Arc<dyn ChatModel>, pages: Vec<Page>, out: &Path) -> Result<EntityGraph, Box<dyn Error>> {
    let step = (pages.len() / 20).max(1);
    let nouns = pages.iter().step_by(step).map(|page| Noun::new(&page.title, "en")).collect();
    let corpus = Arc::new(InMemory::of(pages));
    let options = ExpandOptions { quotas: Vec::new(), nouns, roots: Some(40), ..ExpandOptions::default() };
    let expansion = Expansion::new(model.clone(), corpus.clone(), corpus, out.join("expansion"), options);
    let expanded = expansion.run(&|_| {}).await?;
    println!("\n{}", expanded.funnel);
    Ok(expanded.graph)
}

/// The graph in a file, and what is in it.
fn packed(graph: &EntityGraph, out: &Path) -> Result<PackedGraph, Box<dyn Error>> {
    graph.write(out.join("graph.jsonl"))?;
    let packed = PackedGraph::pack(graph.records(), out.join("graph.packed"))?;
    let supported = packed.edges().filter(|edge| packed.is_supported(*edge)).count();
    let (nodes, facts, edges) = (packed.node_count(), packed.fact_count(), packed.edge_count());
    println!("graph       {nodes} entities, {facts} facts, {edges} relations");
    println!("            {supported} relations say where they are written");
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    packed.nodes().for_each(|node| *kinds.entry(packed.kind(node)).or_default() += 1);
    let mut kinds: Vec<(usize, &str)> = kinds.into_iter().map(|(kind, count)| (count, kind)).collect();
    kinds.sort_unstable_by(|left, right| right.cmp(left));
    let kinds =
        kinds.iter().take(8).map(|(count, kind)| format!("{count} {}", if kind.is_empty() { "?" } else { kind }));
    println!("            {}", kinds.collect::<Vec<_>>().join(", "));
    let tail = LongTail::of(&packed);
    println!("            {:.0} % are little known", 100.0 * tail.share());
    Ok(packed)
}

/// Draws a part of the graph.
fn drawn(graph: &PackedGraph, out: &Path) -> Result<(), Box<dyn Error>> {
    let (options, mut rng) = (SampleOptions::default(), rng(1, "0", "drawing"));
    let Some(start) = options.rules.start(graph, 1_000, &mut rng) else { return Ok(()) };
    let Some(sample) = options.sample(graph, start, &mut rng)? else { return Ok(()) };
    let path = out.join("sample.svg");
    write_svg(&graph.subgraph(&sample.nodes, &sample.edges)?, std::fs::File::create(&path)?)?;
    println!("drawing     {}, {} entities around {}", path.display(), sample.nodes.len(), graph.name(start));
    Ok(())
}

/// Makes questions, and shows the first.
async fn made(
    graph: PackedGraph,
    phrasebook: Arc<Phrasebook>,
    model: Option<Arc<dyn ChatModel>>,
    name: &str,
    out: &Path,
) -> Result<(), Box<dyn Error>> {
    let ground = Arc::new(Ground::new(name, graph)?);
    let mut synthesis = Synthesis::offline(ground.clone(), Planner::default(), phrasebook.clone());
    if let Some(model) = model {
        let judge = Judge::by_model(model.clone());
        synthesis = synthesis
            .then(WriteByModel::new(ground.clone(), model.clone()).with_phrasebook(phrasebook))
            .then(ClosedBook::new(model.clone(), judge.clone()))
            .then(Oracle::new(ground, model, judge));
    }
    let stop = synthesis.stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.ask();
        }
    });
    let folder = out.join("questions");
    let funnel = synthesis.run(&folder, ITEMS).await?;
    let rows: Vec<QuestionRow> = RowReader::open(folder.join("questions.jsonl"))?.collect::<Result<_, _>>()?;
    for (number, row) in rows.iter().take(SHOWN).enumerate() {
        println!("\n{:>2}  {}", number + 1, row.question);
        println!("    answer: {} ({} hops, level {})", row.answer, row.hops, u8::from(row.level));
        for evidence in &row.evidence {
            println!("    {}: \"{}\"", evidence.url, evidence.quote);
        }
    }
    println!("\n{funnel}");
    println!("written to {}", out.display());
    Ok(())
}
