//! `offseeker graph`: grows, packs, draws and counts a graph of entities.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use offseeker_entity_graph::export::{write_dot, write_graphml, write_svg};
use offseeker_entity_graph::{EntityGraph, PackedGraph, SampleOptions, Statistics, rng};
use offseeker_pages::Page;
use offseeker_pipeline::config::FolderCorpus;
use offseeker_pipeline::{Corpus, Origin, stages};
use offseeker_search::InMemory;

use crate::corpus;
use crate::failure::Failure;
use crate::model::ModelArguments;
use crate::outcome::Outcome;
use crate::session::Session;

/// Grows, packs, draws and counts a graph of entities.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker graph grow docs --out target/graph.packed
  offseeker graph statistics target/graph.packed
  offseeker graph draw target/graph.packed --out target/graph.svg --around \"Karlin mill\"")]
pub(crate) struct Graph {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grows a graph out of pages: by their links, titles and fields or, with a model, by what that finds in them
    Grow {
        /// A folder of pages, or a folder that `offseeker world` made
        #[arg(value_name = "SOURCE")]
        source: PathBuf,
        /// The file of the graph
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        model: ModelArguments,
    },
    /// Packs records, one a line as JSON, into a graph
    Pack {
        /// A file of JSON lines: entities, facts and relations
        #[arg(value_name = "RECORDS")]
        records: PathBuf,
        /// The file of the graph
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Draws a part of a graph: as .svg, .dot or .graphml, by the ending of the file
    Draw {
        /// The file of the graph
        #[arg(value_name = "GRAPH")]
        graph: PathBuf,
        /// The drawing
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The name of the entity in its middle; drawn by the seed, where it is not said
        #[arg(long, value_name = "NAME")]
        around: Option<String>,
        /// How many entities there are at most
        #[arg(long, value_name = "N", default_value_t = 12)]
        nodes: usize,
        /// What the part is drawn from
        #[arg(long, value_name = "SEED", default_value_t = 1)]
        seed: u64,
    },
    /// Counts what is in a graph
    Statistics {
        /// The file of the graph
        #[arg(value_name = "GRAPH")]
        graph: PathBuf,
    },
}

impl Graph {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Grow { source, out, model } => {
                make_room(out)?;
                session.note(format!("growing a graph of {}", source.display()));
                let corpus = pages_of(source)?;
                let graph = stages::graph(&corpus, model.behind_server()?, out);
                let graph = tokio::select! {
                    graph = Box::pin(graph) => graph?,
                    () = session.stopped() => return Err(Failure::stopped()),
                };
                Ok(counted(&graph).made("graph", out))
            }
            Command::Pack { records, out } => {
                make_room(out)?;
                let graph = EntityGraph::read(records).map_err(|error| {
                    Failure::from(error).or_hint(
                        "each line is an entity, a fact or a relation; `offseeker world` writes such a truth.jsonl",
                    )
                })?;
                graph.check()?;
                Ok(counted(&PackedGraph::pack(graph.records(), out)?).made("graph", out))
            }
            Command::Draw { graph, out, around, nodes, seed } => {
                draw(&open(graph)?, out, around.as_deref(), *nodes, *seed)
            }
            Command::Statistics { graph } => Ok(counted(&open(graph)?)),
        }
    }
}

/// Opens the file of a graph.
pub(crate) fn open(file: &Path) -> Result<PackedGraph, Failure> {
    let hint = "`offseeker graph grow SOURCE --out FILE` makes one";
    PackedGraph::open(file).map_err(|error| Failure::from(error).hint(hint))
}

/// Makes the folder of a file.
fn make_room(file: &Path) -> Result<(), Failure> {
    match file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => std::fs::create_dir_all(parent).map_err(Failure::io(parent)),
        None => Ok(()),
    }
}

/// The pages of a folder, or the world in it.
fn pages_of(source: &Path) -> Result<Corpus, Failure> {
    if corpus::world_file(source).exists() {
        return Ok(Corpus::of_world(corpus::world(source)?, 3));
    }
    let pages: Vec<Page> = offseeker_entity_graph::folder_pages(source)?.filter_map(Result::ok).collect();
    if pages.is_empty() {
        return Err(Failure::new(format!("{} has no Markdown, HTML or text in it", source.display()))
            .hint("name a folder of pages, or one that `offseeker world` made"));
    }
    let memory = Arc::new(InMemory::of(pages));
    let origin = Origin::Folder(FolderCorpus { path: source.to_owned() });
    Ok(Corpus { name: source.display().to_string(), search: memory.clone(), library: memory, origin })
}

fn counted(graph: &PackedGraph) -> Outcome {
    let statistics = Statistics::of(graph);
    Outcome::done(statistics.to_string()).with("statistics", statistics)
}

fn draw(graph: &PackedGraph, out: &Path, around: Option<&str>, nodes: usize, seed: u64) -> Result<Outcome, Failure> {
    let (options, mut rng) = (SampleOptions { nodes, ..SampleOptions::default() }, rng(seed, "0", "drawing"));
    let start = match around {
        Some(name) => graph.named(name)?.first().copied().ok_or_else(|| {
            Failure::new(format!("the graph has no entity that is called {name:?}"))
                .hint("a name is spelt as its page spells it")
        })?,
        None => options
            .rules
            .start(graph, 1_000, &mut rng)
            .ok_or_else(|| Failure::new("the graph has nothing to begin at"))?,
    };
    let sample = options.sample(graph, start, &mut rng)?;
    let sample = sample.ok_or_else(|| Failure::new(format!("nothing hangs together with {}", graph.name(start))))?;
    let part = graph.subgraph(&sample.nodes, &sample.edges)?;
    make_room(out)?;
    let ending = out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let write: fn(&EntityGraph, BufWriter<File>) -> Result<(), offseeker_entity_graph::GraphError> = match ending {
        "svg" => |part, file| write_svg(part, file),
        "dot" => |part, file| write_dot(part, file),
        "graphml" => |part, file| write_graphml(part, file),
        _ => {
            return Err(Failure::usage(format!("{} is no drawing", out.display()))
                .hint("let the name end in .svg, .dot or .graphml"));
        }
    };
    write(&part, BufWriter::new(File::create(out).map_err(Failure::io(out))?))?;
    let said = format!("{} entities around {}", sample.nodes.len(), graph.name(start));
    Ok(Outcome::done(said).with("entities", sample.nodes.len()).with("around", graph.name(start)).made("drawing", out))
}
