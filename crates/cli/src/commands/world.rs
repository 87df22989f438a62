//! `offseeker world`: makes a made-up encyclopedia.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use offseeker_pipeline::config::{Counts, QuestionsConfig};
use offseeker_pipeline::{Corpora, Corpus, QuestionFiles, Stage, stages};
use offseeker_toy_world::{Language, WorldOptions};

use crate::corpus::world_file;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;

/// Makes a made-up encyclopedia: pages, what is true, questions.
///
/// The same seed and numbers make the same encyclopedia, to the last byte.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  offseeker world target/world --seed 7 --entities 2000
  offseeker attempt target/world/questions/train.jsonl --world target/world --scripted --store target/attempts.db

In the folder: world.json (what it is drawn from), pages.jsonl (for `index`), truth.jsonl and graph.packed (what is true, for
`graph` and `questions`), questions/train.jsonl and test.jsonl with their plans.")]
pub(crate) struct World {
    /// The folder that is made
    #[arg(value_name = "FOLDER")]
    out: PathBuf,
    /// What everything is drawn from
    #[arg(long, value_name = "SEED", default_value_t = 7)]
    seed: u64,
    /// How many entities there are
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    entities: u64,
    /// The language of pages and questions
    #[arg(long, value_enum, default_value = "english")]
    language: Words,
    /// The share of entities that questions to learn from leave alone
    #[arg(long, value_name = "SHARE", default_value_t = 0.3)]
    held_out: f64,
    /// The share of relations that the page at which they begin leaves out
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    missing_links: f64,
    /// The share of entities with a page that says something wrong of them
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    contradictions: f64,
    /// What addresses begin with; by nothing a page is called as what it is about
    #[arg(long, value_name = "URL", default_value = "")]
    base: String,
    /// How many questions of each category are made, to learn from and to measure on
    #[arg(long, value_name = "N", default_value_t = 20)]
    questions: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Words {
    English,
    Chinese,
}

impl World {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let language = match self.language {
            Words::English => Language::English,
            Words::Chinese => Language::Chinese,
        };
        let options = WorldOptions {
            seed: self.seed,
            entities: self.entities,
            language,
            held_out: self.held_out,
            missing_links: self.missing_links,
            contradictions: self.contradictions,
            base: self.base.clone(),
            ..WorldOptions::default()
        };
        let world = Arc::new(offseeker_toy_world::World::new(options)?);
        let out = &self.out;
        std::fs::create_dir_all(out).map_err(Failure::io(out))?;
        world.write_pages(out.join("pages.jsonl"))?;
        world.graph().write(out.join("truth.jsonl"))?;
        let corpus = Corpus::of_world(world.clone(), 3);
        let graph = stages::graph(&corpus, None, &out.join("graph.packed")).await?;
        let counts = write_questions(corpus, graph, self.questions, self.seed, &out.join("questions"), session)?;
        // The last: a folder that has it has all of it.
        let text = serde_json::to_string_pretty(world.options()).expect("options are text and numbers");
        let file = world_file(out);
        offseeker_durable::write(&file, text.as_bytes()).map_err(Failure::io(&file))?;

        let pages = world.pages().count();
        let said = format!("{pages} pages about {} entities; {}", self.entities, said(&counts));
        Ok(Outcome::done(said).with("pages", pages).with("questions", counts).made("folder", out))
    }
}

/// Makes questions of a world and writes them with their plans; says how many there are of each set.
pub(crate) fn write_questions(
    corpus: Corpus,
    graph: offseeker_entity_graph::PackedGraph,
    each: usize,
    seed: u64,
    to: &Path,
    session: &Session,
) -> Result<BTreeMap<String, u64>, Failure> {
    std::fs::create_dir_all(to).map_err(Failure::io(to))?;
    let graphs = BTreeMap::from([(corpus.name.clone(), Arc::new(graph))]);
    let corpora = Corpora { learnt: vec![corpus], fresh: None };
    let config = QuestionsConfig {
        train: Counts::each(each),
        train_seed: seed,
        development: Counts::each(0),
        test: Counts::each(each),
        test_seed: seed.wrapping_add(1),
        ..QuestionsConfig::default()
    };
    let watch = session.watch(Stage::Questions);
    Ok(stages::questions(&corpora, &graphs, &config, &QuestionFiles::new(to), &watch)?.counted)
}

/// How many questions there are, for people.
pub(crate) fn said(counts: &BTreeMap<String, u64>) -> String {
    let of = |set: &str| counts.get(set).copied().unwrap_or_default();
    format!("{} questions to learn from, {} to measure on", of("train"), of("test") + of("development"))
}
