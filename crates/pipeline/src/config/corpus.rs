//! What is searched and read.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::section::section;

/// Where the pages come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorpusKind {
    /// They are those of made-up encyclopedias.
    #[default]
    World,
    /// They are in a folder.
    Folder,
}

section! {
    /// What is searched and read.
    CorpusConfig {
        /// Where the pages come from: `world` for made-up encyclopedias, `folder` for pages in a folder.
        kind: CorpusKind = CorpusKind::World,
        /// Made-up encyclopedias.
        world: WorldCorpus = WorldCorpus::default(),
        /// Pages in a folder.
        folder: FolderCorpus = FolderCorpus::default(),
    }
}

section! {
    /// Made-up encyclopedias.
    WorldCorpus {
        /// What the first world is drawn from. The others follow it: this plus one, and so on; the fresh one, which
        /// nobody learns from, is this plus a thousand.
        seed: u64 = 7,
        /// How many worlds are learnt from. The first has the questions of development and test.
        worlds: u64 = 4,
        /// How many entities a world has.
        entities: u64 = 2_000,
        /// The share of entities that questions to learn from leave alone.
        held_out: f64 = 0.3,
        /// The share of entities with a page that names them and says nothing.
        distractors: f64 = 0.1,
        /// The share of relations that the page at which they begin leaves out.
        missing_links: f64 = 0.0,
        /// The share of entities with a page that says something wrong of them.
        contradictions: f64 = 0.0,
        /// What addresses begin with. With nothing a page is called as what it is about, which is easiest to learn.
        base: String = String::new(),
    }
}

section! {
    /// Pages in a folder.
    FolderCorpus {
        /// The folder: Markdown, HTML and text, with what is in the folders in it.
        path: PathBuf = PathBuf::new(),
    }
}
