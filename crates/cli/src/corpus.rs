//! What is searched and read: a made-up encyclopedia, an index, a folder, or the web.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use offseeker_pages::Library;
use offseeker_pipeline::Corpus;
use offseeker_search::{LocalIndex, SearchBackend};
use offseeker_toy_world::{World, WorldOptions};

#[cfg(feature = "web")]
use crate::engine::Engine;
use crate::failure::Failure;

/// How many titles a search of a made-up encyclopedia shows, unless it is said.
const HITS: usize = 3;

/// What is searched and read.
#[derive(Debug, Clone, Args)]
#[group(id = "corpus", multiple = false)]
pub(crate) struct CorpusArguments {
    /// A made-up encyclopedia: a folder that `offseeker world` made
    #[arg(long, value_name = "FOLDER")]
    pub(crate) world: Option<PathBuf>,
    /// An index: a folder that `offseeker index` made
    #[arg(long, value_name = "FOLDER")]
    pub(crate) index: Option<PathBuf>,
    /// The web, by an engine; keys are in BRAVE_API_KEY, SERPER_API_KEY and TAVILY_API_KEY, the address of SearXNG in
    /// SEARXNG_URL
    #[cfg(feature = "web")]
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub(crate) web: Option<Engine>,
}

/// What searches and what reads.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) search: Arc<dyn SearchBackend>,
    pub(crate) library: Arc<dyn Library>,
    /// The made-up encyclopedia that it is, where it is one.
    pub(crate) world: Option<Arc<World>>,
}

impl CorpusArguments {
    /// Opens what is named; none where nothing is.
    pub(crate) fn open(&self) -> Result<Option<Sources>, Failure> {
        if let Some(folder) = &self.world {
            let world = world(folder)?;
            let Corpus { search, library, .. } = Corpus::of_world(world.clone(), HITS);
            return Ok(Some(Sources { search, library, world: Some(world) }));
        }
        if let Some(folder) = &self.index {
            let index = Arc::new(index(folder)?);
            return Ok(Some(Sources { search: index.clone(), library: index, world: None }));
        }
        #[cfg(feature = "web")]
        if let Some(engine) = self.web {
            return Ok(Some(engine.open()?));
        }
        Ok(None)
    }

    /// Opens what is named, and refuses to go on without.
    pub(crate) fn opened(&self) -> Result<Sources, Failure> {
        let missing = || Failure::usage("nothing is named to search and read").hint("add --world, --index or --web");
        self.open()?.ok_or_else(missing)
    }
}

/// Where the options of a world are, in its folder.
pub(crate) fn world_file(folder: &Path) -> PathBuf {
    folder.join("world.json")
}

/// Grows the world of a folder again.
pub(crate) fn world(folder: &Path) -> Result<Arc<World>, Failure> {
    let file = world_file(folder);
    let wants = "name a folder that `offseeker world FOLDER` made";
    let text = std::fs::read_to_string(&file).map_err(|error| Failure::io(&file)(error).hint(wants))?;
    let options: WorldOptions = serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())).hint(wants))?;
    Ok(Arc::new(World::new(options)?))
}

/// Opens an index.
pub(crate) fn index(folder: &Path) -> Result<LocalIndex, Failure> {
    let wants = "name a folder that `offseeker index SOURCE --out FOLDER` made";
    if !folder.is_dir() {
        return Err(Failure::new(format!("{} is no index: there is no such folder", folder.display())).hint(wants));
    }
    LocalIndex::open(folder).map_err(|error| Failure::from(error).or_hint(wants))
}
