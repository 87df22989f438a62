//! What is searched and read in a run.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use offseeker_entity_graph::folder_pages;
use offseeker_pages::{Library, Page};
use offseeker_search::{LocalIndex, SearchBackend, Settings, WriterOptions, text_files};
use offseeker_toy_world::{World, WorldOptions};
use offseeker_trajectory::Trajectory;

use crate::config::{CorpusConfig, CorpusKind, FolderCorpus, WorldCorpus};
use crate::questions::corpus_of;
use crate::{Config, PipelineError, RunFolder};

/// How far the fresh world is from the first.
const FRESH: u64 = 1_000;

/// What is searched and read, and where it comes from.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// What it is called; questions say it.
    pub name: String,
    /// Searches it.
    pub search: Arc<dyn SearchBackend>,
    /// Reads its pages.
    pub library: Arc<dyn Library>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a corpus comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A made-up encyclopedia.
    World(Arc<World>),
    /// A folder.
    Folder(FolderCorpus),
}

/// All corpora of a run.
#[derive(Debug, Clone)]
pub struct Corpora {
    /// Those that questions to learn from are asked of. The first is that of the development questions and the test too.
    pub learnt: Vec<Corpus>,
    /// One that nobody learns from, where there is one.
    pub fresh: Option<Corpus>,
}

/// What a question's metadata calls the corpus that it is asked of.
pub(crate) const CORPUS: &str = "corpus";

/// What is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renamed {
    /// Names.
    Names,
    /// Names, and values that are words.
    Values,
}

impl Corpora {
    /// Opens the corpora of a run; the pages of a folder are indexed in the run's.
    ///
    /// # Errors
    ///
    /// When there is no such world, or the folder has no pages.
    pub fn open(config: &Config, folder: &RunFolder) -> Result<Self, PipelineError> {
        match config.corpus.kind {
            CorpusKind::World => worlds(&config.corpus.world, config.agent.hits),
            CorpusKind::Folder => {
                let learnt = vec![folder_corpus(&config.corpus.folder, &folder.path().join("index"))?];
                Ok(Self { learnt, fresh: None })
            }
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Corpus> {
        self.learnt.iter().chain(&self.fresh)
    }

    /// The corpus of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Corpus> {
        self.all().find(|corpus| corpus.name == name)
    }

    /// Whether there are other names to be had.
    pub(crate) fn can_rename(&self) -> bool {
        self.learnt.iter().any(|corpus| corpus.world().is_some())
    }

    /// An attempt under other names, which a seed says; none where the names of its corpus cannot be permuted.
    pub(crate) fn renamed(
        &self,
        attempt: &Trajectory,
        seed: u64,
        what: Renamed,
    ) -> Result<Option<Trajectory>, PipelineError> {
        let Some(world) = self.named(corpus_of(&attempt.question)).and_then(Corpus::world) else { return Ok(None) };
        let renaming = match what {
            Renamed::Names => world.renaming(seed),
            Renamed::Values => world.renaming_with_values(seed),
        };
        Ok(Some(renaming.trajectory(attempt)?))
    }

    /// What tells these corpora from any others.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.all().map(|corpus| corpus.search.name()).collect()
    }
}

impl Corpus {
    /// A made-up encyclopedia, of which a search shows so many titles.
    #[must_use]
    pub fn of_world(world: Arc<World>, hits: usize) -> Self {
        let pages = Arc::new(world.corpus().showing_titles(hits));
        let name = format!("world-{}", world.options().seed);
        Self { name, search: pages.clone(), library: pages, origin: Origin::World(world) }
    }

    /// The pages of a folder, in an index below `indices` that is made anew when a file has changed.
    ///
    /// # Errors
    ///
    /// When the folder has no pages, or the system refuses.
    pub fn of_folder(pages: &FolderCorpus, indices: &Path) -> Result<Self, PipelineError> {
        folder_corpus(pages, indices)
    }

    /// The made-up encyclopedia that it is, where it is one.
    #[must_use]
    pub fn world(&self) -> Option<&Arc<World>> {
        match &self.origin {
            Origin::World(world) => Some(world),
            Origin::Folder(_) => None,
        }
    }

    /// All its pages.
    ///
    /// # Errors
    ///
    /// When a folder cannot be read. A file of it that is no text is left out.
    pub fn pages(&self) -> Result<Box<dyn Iterator<Item = Page> + Send + '_>, PipelineError> {
        Ok(match &self.origin {
            Origin::World(world) => Box::new(world.pages()),
            Origin::Folder(folder) => {
                Box::new(folder_pages(&folder.path)?.filter_map(Result::ok).collect::<Vec<_>>().into_iter())
            }
        })
    }
}

impl CorpusConfig {
    /// The world of a seed.
    fn world(options: &WorldCorpus, seed: u64) -> Result<Arc<World>, PipelineError> {
        let WorldCorpus { entities, held_out, distractors, missing_links, contradictions, .. } = *options;
        let options = WorldOptions {
            seed,
            entities,
            held_out,
            distractors,
            missing_links,
            contradictions,
            base: options.base.clone(),
            ..WorldOptions::default()
        };
        Ok(Arc::new(World::new(options)?))
    }
}

fn worlds(options: &WorldCorpus, hits: usize) -> Result<Corpora, PipelineError> {
    let corpus = |seed: u64| -> Result<Corpus, PipelineError> {
        Ok(Corpus::of_world(CorpusConfig::world(options, seed)?, hits))
    };
    let learnt = (0..options.worlds).map(|number| corpus(options.seed.wrapping_add(number)));
    let learnt = learnt.collect::<Result<_, _>>()?;
    Ok(Corpora { learnt, fresh: Some(corpus(options.seed.wrapping_add(FRESH))?) })
}

/// The pages of a folder, in an index that is made anew when a file has changed.
fn folder_corpus(options: &FolderCorpus, indices: &Path) -> Result<Corpus, PipelineError> {
    let print = fingerprint(&options.path)?;
    let place = indices.join(&print);
    if !place.exists() {
        build_index(&options.path, &place)?;
    }
    let index = Arc::new(LocalIndex::open(&place)?);
    let origin = Origin::Folder(options.clone());
    Ok(Corpus { name: format!("folder-{print}"), search: index.clone(), library: index, origin })
}

/// Builds an index beside its place first, so that what is there is whole.
fn build_index(pages: &Path, place: &Path) -> Result<(), PipelineError> {
    let draft = place.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(PipelineError::io(&draft))?;
    }
    let index = LocalIndex::create(&draft, Settings::default())?;
    let mut writer = index.writer(WriterOptions::default())?;
    let mut count = 0_usize;
    for page in folder_pages(pages)?.filter_map(Result::ok) {
        writer.add(page)?;
        count += 1;
    }
    if count == 0 {
        let what = format!("{} has no Markdown, HTML or text in it", pages.display());
        return Err(PipelineError::Nothing { what });
    }
    writer.commit()?;
    drop((writer, index));
    fs::rename(&draft, place).map_err(PipelineError::io(place))
}

/// Another one when a file was added, taken away or changed.
fn fingerprint(folder: &Path) -> Result<String, PipelineError> {
    let mut hasher = blake3::Hasher::new();
    for file in text_files(folder)? {
        let changed = file.modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        hasher.update(file.url.as_bytes()).update(&[0]);
        hasher.update(&file.bytes.to_le_bytes()).update(&changed.as_nanos().to_le_bytes());
    }
    Ok(hasher.finalize().to_hex()[..16].to_owned())
}
