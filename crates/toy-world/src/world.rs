//! A made-up encyclopedia that is grown from a seed.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use offseeker_entity_graph::{EntityGraph, EntityId, Record};
use offseeker_pages::{Library, Page, PageError};
use offseeker_question_synthesis::Ground;

use crate::draw::Draw;
use crate::kind::{Bond, Kind};
use crate::names::Names;
use crate::truth::{Figure, Truth};
use crate::words::Words;
use crate::{Corpus, WorldError, WorldOptions};

/// A made-up encyclopedia that is grown from a seed: pages, and what is true.
///
/// Nothing of it is kept but the pool of its names: each page and each record is made when it is asked for, from the
/// seed and the number of its entity. So a world of a million entities takes no more memory than one of a thousand, and
/// the world itself is a [`Library`].
///
/// ```
/// use offseeker_toy_world::{World, WorldOptions};
///
/// let world = World::new(WorldOptions { seed: 7, entities: 300, ..WorldOptions::default() })?;
/// let page = world.pages().last().expect("there are pages");
/// assert_eq!(world.page(&page.url), Some(page));
/// assert_eq!(world.graph().entities.len(), 300);
/// # Ok::<(), offseeker_toy_world::WorldError>(())
/// ```
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) options: WorldOptions,
    pub(crate) truth: Truth,
    pub(crate) names: Names,
    pub(crate) draw: Draw,
    name: String,
    key: u64,
    /// What questions are planned on, for each part of the world.
    pub(crate) grounds: [OnceLock<Arc<Ground>>; 3],
}

impl World {
    /// The world that these options say.
    ///
    /// # Errors
    ///
    /// When they say none: too few entities, a share above one.
    pub fn new(options: WorldOptions) -> Result<Self, WorldError> {
        if let Some(fault) = options.fault() {
            return Err(fault);
        }
        let draw = Draw::new(options.seed);
        let json = serde_json::to_vec(&options).expect("options are text and numbers");
        let hash = blake3::hash(&json);
        let key = u64::from_le_bytes(std::array::from_fn(|byte| hash.as_bytes()[byte]));
        Ok(Self {
            truth: Truth::new(options.entities, options.language, draw.of("truth")),
            names: Names::new(options.language, options.entities, draw.of("names")),
            name: format!("toy-world:{key:016x}"),
            draw,
            options,
            key,
            grounds: Default::default(),
        })
    }

    /// What the world is like.
    #[must_use]
    pub fn options(&self) -> &WorldOptions {
        &self.options
    }

    /// Names the world: another for other options.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The entities, as a graph names them, in the order of their numbers.
    pub fn entities(&self) -> impl ExactSizeIterator<Item = EntityId> + '_ {
        // A range of numbers that is as long on every machine.
        (0..self.options.entities as usize).map(|number| self.id(number as u64))
    }

    /// The name of an entity; none where it is of another world.
    #[must_use]
    pub fn name_of(&self, id: EntityId) -> Option<String> {
        self.number(id).map(|number| self.names.of(number))
    }

    /// The entity of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<EntityId> {
        self.names.entity(name).map(|number| self.id(number))
    }

    /// Whether questions to learn from leave an entity alone; so they do with all of other worlds.
    #[must_use]
    pub fn held_out(&self, id: EntityId) -> bool {
        self.number(id).is_none_or(|number| self.draw.of("held out").happens(number, self.options.held_out))
    }

    /// All pages: for each entity its own and, where there are, one that says something wrong of it and one that says
    /// nothing.
    pub fn pages(&self) -> impl Iterator<Item = Page> + '_ {
        (0..self.options.entities).flat_map(|number| {
            let others = [self.almanac_page(number), self.letter_page(number)];
            std::iter::once(self.own_page(number).page).chain(others.into_iter().flatten())
        })
    }

    /// The page at an address.
    #[must_use]
    pub fn page(&self, url: &str) -> Option<Page> {
        let path = url.strip_prefix(self.options.base.as_str())?;
        match path.split_once('/') {
            None => self.names.entity(path).map(|number| self.own_page(number).page),
            Some(("almanac", name)) => self.almanac_page(self.names.entity(name)?),
            Some(("letter", name)) => self.letter_page(self.names.entity(name)?),
            Some(_) => None,
        }
    }

    /// What is true, one record after the other, each entity followed by what is true of it.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        (0..self.options.entities).flat_map(|number| self.records_of(number))
    }

    /// What is true, in memory.
    #[must_use]
    pub fn graph(&self) -> EntityGraph {
        self.records().collect()
    }

    /// All pages in memory, to be searched and read.
    #[must_use]
    pub fn corpus(&self) -> Corpus {
        Corpus::of(self.pages())
    }

    /// Writes all pages as JSON lines, for a full-text index, in the place of what was there.
    ///
    /// # Errors
    ///
    /// When the disk does not take them; what was there is then still there.
    pub fn write_pages(&self, path: impl AsRef<Path>) -> Result<(), WorldError> {
        let path = path.as_ref();
        crate::corpus::write_pages(self.pages(), path)
            .map_err(|source| WorldError::Write { path: path.to_owned(), source })
    }

    /// The same world at other addresses. Everything else stays, the ids of its entities too.
    #[must_use]
    pub fn at(mut self, base: impl Into<String>) -> Self {
        self.options.base = base.into();
        // Evidence names addresses.
        self.grounds = Default::default();
        self
    }

    pub(crate) fn words(&self) -> &'static Words {
        self.options.language.words()
    }

    pub(crate) fn id(&self, number: u64) -> EntityId {
        EntityId::from_u128((u128::from(self.key) << 64) | u128::from(number))
    }

    /// The number of an entity of this world.
    pub(crate) fn number(&self, id: EntityId) -> Option<u64> {
        let (key, number) = ((id.to_u128() >> 64) as u64, id.to_u128() as u64);
        (key == self.key && number < self.options.entities).then_some(number)
    }

    /// The name of an entity.
    pub(crate) fn called(&self, figure: Figure) -> String {
        self.names.of(self.truth.number(figure))
    }

    /// Whether the page at which a relation begins leaves it out.
    pub(crate) fn is_missing(&self, from: Figure, bond: Bond) -> bool {
        // Of two who are married one page says so always.
        if bond == Bond::Spouse && from.place % 2 == 1 {
            return false;
        }
        self.draw.of("missing").of(bond.as_str()).happens(from.place, self.options.missing_links)
    }

    /// An entity drawn from those of a kind.
    pub(crate) fn any_of(&self, kind: Kind, draw: Draw, place: u64) -> Figure {
        Figure { kind, place: draw.below(place, self.truth.count(kind)) }
    }
}

#[async_trait]
impl Library for World {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        self.page(url).ok_or_else(|| PageError::not_found(url))
    }
}
