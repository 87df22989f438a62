//! Grows a graph by a model: nouns, what is found by them, names in it that few know, and what is written about these.
//!
//! ```text
//! nouns -> urls -> pages -> entities -> pool -> exploration -> graph
//! ```
//!
//! Each stage has a ledger in a folder, a line for each item that it is done with. An [`Expansion`] that was killed, or
//! that ended because something could not be asked, goes on where it was: what is written down is not done again, and
//! what could not be asked is asked again. An outage is never a result, and the result depends neither on outages nor on
//! the order in which items are done with.
//!
//! The ways onwards are found by a [`Scout`]: [`Reading`], which searches, reads and asks a model; [`Links`], which
//! follows the links of a corpus; [`Asking`], which lets an agent of the caller's find out.
//!
//! ```
//! use std::sync::Arc;
//!
//! use offseeker_chat::{Reply, Scripted};
//! use offseeker_entity_graph::expand::{ExpandOptions, Expansion, Noun, Quota};
//! use offseeker_pages::Page;
//! use offseeker_search::InMemory;
//! use offseeker_trajectory::Message;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let text = "Karlin mill stands on the Orsa, a river of the north. ".repeat(3);
//! let corpus = Arc::new(InMemory::of([Page::new("https://karlin.example/mill", "Karlin mill", text)]));
//! let model = Arc::new(Scripted::by(|request| {
//!     let asked = &request.messages[0].content;
//!     let answer = if asked.starts_with("Find in the page") {
//!         r#"{"entities": [{"name": "Karlin mill", "type": "building"}, {"name": "Karlin castle"}]}"#
//!     } else if asked.starts_with("Without looking") {
//!         r#"{"known": "", "familiarity": 0}"#
//!     } else if asked.contains(r#""Karlin mill""#) {
//!         r#"{"facts": [], "relations": [{"name": "Orsa", "relation": "stands on", "text": "Karlin mill stands on the Orsa.",
//!             "quote": "Karlin mill stands on the Orsa"}]}"#
//!     } else {
//!         r#"{"facts": [], "relations": []}"#
//!     };
//!     Ok(Reply::new(Message::assistant(answer)))
//! }));
//!
//! let options = ExpandOptions { quotas: Vec::new(), nouns: vec![Noun::new("mill", "en")], ..ExpandOptions::default() };
//! let expansion = Expansion::new(model, corpus.clone(), corpus, folder, options);
//! let expanded = expansion.run(&|_| {}).await?;
//!
//! assert_eq!(expanded.graph.relations[0].evidence[0].quote, "Karlin mill stands on the Orsa");
//! assert_eq!(expanded.funnel.stages[3].dropped["not in the page"], 1, "there is no castle");
//! # Ok(())
//! # }
//! ```

mod ask;
mod atlas;
mod entities;
mod error;
mod event;
mod explore;
mod folder;
mod funnel;
mod ledger;
mod nouns;
mod options;
mod pages;
mod pool;
mod prompts;
mod scout;
mod setback;
mod settle;
mod stage;
mod urls;

use std::path::PathBuf;
use std::sync::Arc;

use offseeker_chat::ChatModel;
use offseeker_pages::Library;
use offseeker_search::SearchBackend;

pub use error::ExpandError;
pub use event::Event;
pub use explore::Trail;
pub use funnel::{Funnel, Tally};
pub use nouns::{DOMAINS, Noun, Quota};
pub use options::{ExpandOptions, Mode};
pub use pool::{Pageviews, Pooled};
pub use prompts::Prompts;
pub use scout::{Asking, Finding, Findings, Links, Outlook, Reading, ReadingOptions, Scout, Told, Way};
pub use setback::Setback;
pub use stage::Stage;

use crate::export::DeepForgeRow;
use crate::{EntityGraph, EntityId, GraphError, duplicates};
use ask::Asker;
use folder::Folder;
use pool::Gauges;
use settle::Pace;

/// Grows a graph by a model, in a folder that it goes on in.
///
/// Put [`Retry`](offseeker_chat::Retry), limits and a budget around the model, the search and the library: what still
/// fails after that is an outage here.
#[derive(Debug)]
pub struct Expansion {
    model: Arc<dyn ChatModel>,
    search: Arc<dyn SearchBackend>,
    library: Arc<dyn Library>,
    scout: Arc<dyn Scout>,
    pageviews: Option<Arc<dyn Pageviews>>,
    folder: PathBuf,
    options: ExpandOptions,
}

/// What grew.
#[derive(Debug, Clone, PartialEq)]
pub struct Expanded {
    /// The graph: the pool, what was explored and what it leads to; what is the same is merged.
    pub graph: EntityGraph,
    /// The pool, in the order of the ids of its entities.
    pub pool: Vec<Pooled>,
    /// What was explored from each of its entities on.
    pub trails: Vec<Trail>,
    /// How much of what each stage began with is left after it.
    pub funnel: Funnel,
}

impl Expansion {
    /// An expansion in a folder, which is made where there is none. It explores by [`Reading`].
    pub fn new(
        model: Arc<dyn ChatModel>,
        search: Arc<dyn SearchBackend>,
        library: Arc<dyn Library>,
        folder: impl Into<PathBuf>,
        options: ExpandOptions,
    ) -> Self {
        let reading = ReadingOptions {
            longest_page: options.longest_page,
            keep_unsupported: options.keep_unsupported,
            leave_out_unreachable: options.leave_out_unreachable,
            sampling: options.sampling.clone(),
            prompts: options.prompts.clone(),
            ..ReadingOptions::default()
        };
        let scout = Arc::new(Reading::new(model.clone(), search.clone(), library.clone(), reading));
        Self { model, search, library, scout, pageviews: None, folder: folder.into(), options }
    }

    /// Explores by another scout.
    #[must_use]
    pub fn scouting(self, scout: Arc<dyn Scout>) -> Self {
        Self { scout, ..self }
    }

    /// Counts views of pages among what shows how well known something is.
    #[must_use]
    pub fn counting_views(self, pageviews: Arc<dyn Pageviews>) -> Self {
        Self { pageviews: Some(pageviews), ..self }
    }

    /// Runs until the graph is grown; what an earlier run in the folder is done with is not done again. `events` are told
    /// of progress.
    ///
    /// # Errors
    ///
    /// [`ExpandError::Outages`] where something could not be asked for too long: run it again later. Otherwise when the
    /// options make no sense, or the folder belongs to another expansion, is in use, or cannot be read or written.
    pub async fn run(&self, events: &(dyn Fn(&Event<'_>) + Send + Sync)) -> Result<Expanded, ExpandError> {
        self.options.check()?;
        let options = &self.options;
        let folder = Folder::open(&self.folder, &self.about())?;
        let pace =
            Pace { parallel: options.parallel, most_outages: options.most_outages, attempts: options.attempts, events };
        let mut funnel = Funnel::default();
        let mut pass = |tally: Tally| {
            events(&Event::Done { tally: &tally });
            funnel.stages.push(tally);
        };
        let asker = self.asker();
        let search = &*self.search;

        let wanted = (&*options.nouns, &*options.quotas, options.batch);
        let (nouns, tally) = nouns::nouns(&asker, wanted, &mut folder.ledger(Stage::Nouns)?, &pace).await?;
        pass(tally);

        let wanted = (&*nouns, options.hits, options.urls, options.seed);
        let (sources, tally) = urls::urls(search, wanted, &mut folder.ledger(Stage::Urls)?, &pace).await?;
        pass(tally);

        let wanted = (&*sources, options.shortest_page, options.longest_page, options.leave_out_unreachable);
        let mut pages = folder.ledger(Stage::Pages)?;
        let (read, tally) = pages::pages(&*self.library, wanted, &mut pages, &pace).await?;
        pass(tally);

        let wanted = (&pages, &*read, options);
        let (met, tally) = entities::entities(&asker, wanted, &mut folder.ledger(Stage::Entities)?, &pace).await?;
        pass(tally);

        let pageviews = self.pageviews.as_deref();
        let gauges = Gauges { asker: &asker, search, pageviews, log_hits: options.log_hits };
        let (pool, tally) = pool::pool(gauges, (met, options), &mut folder.ledger(Stage::Pool)?, &pace).await?;
        pass(tally);

        let wanted = (&*pool, &pages, options);
        let mut ledger = folder.ledger(Stage::Exploration)?;
        let (atlas, trails, mut tally) = explore::explore(&*self.scout, wanted, &mut ledger, &pace).await?;
        let (graph, trails) = merged(atlas.graph(), trails);
        tally.give("entities", graph.entities.len());
        tally.give("facts", graph.facts.len());
        tally.give("relations", graph.relations.len());
        pass(tally);

        graph.check()?;
        Ok(Expanded { graph, pool, trails, funnel })
    }

    fn asker(&self) -> Asker {
        Asker {
            model: self.model.clone(),
            prompts: Arc::new(self.options.prompts.clone()),
            sampling: self.options.sampling.clone(),
            seed: self.options.seed,
        }
    }

    /// What the folder belongs to.
    fn about(&self) -> folder::About {
        folder::About {
            version: folder::VERSION,
            options: self.options.clone(),
            model: self.model.name().to_owned(),
            search: self.search.name().to_owned(),
            library: self.library.name().to_owned(),
            scout: self.scout.name().to_owned(),
            pageviews: self.pageviews.as_ref().map(|pageviews| pageviews.name().to_owned()),
        }
    }
}

/// The graph with what is the same merged, and the trails through it.
fn merged(graph: EntityGraph, mut trails: Vec<Trail>) -> (EntityGraph, Vec<Trail>) {
    let merges = duplicates(&graph.entities);
    for id in trails.iter_mut().flat_map(|trail| &mut trail.nodes) {
        *id = merges.of(*id);
    }
    (merges.apply(graph), trails)
}

impl Expanded {
    /// What was explored from each entity of the pool on, as a row of DeepForge: what was found of each entity, and the
    /// path. Of a trail with branches the path has the entities in the order in which they were explored.
    ///
    /// # Errors
    ///
    /// When the graph lacks an entity of a trail.
    pub fn deep_forge_rows(&self) -> Result<Vec<DeepForgeRow>, GraphError> {
        self.trails.iter().map(|trail| DeepForgeRow::of(&self.part(&trail.nodes), &trail.nodes)).collect()
    }

    /// The part of the graph that is about some entities, with what they lead to.
    #[must_use]
    pub fn part(&self, about: &[EntityId]) -> EntityGraph {
        let facts = self.graph.facts.iter().filter(|fact| about.contains(&fact.entity));
        let relations: Vec<_> = self.graph.relations.iter().filter(|it| about.contains(&it.from)).cloned().collect();
        let is_in = |id: EntityId| about.contains(&id) || relations.iter().any(|it| it.to == id);
        let entities = self.graph.entities.iter().filter(|entity| is_in(entity.id));
        EntityGraph { entities: entities.cloned().collect(), facts: facts.cloned().collect(), relations }
    }
}
