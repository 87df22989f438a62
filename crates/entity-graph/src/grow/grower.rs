//! Grows a graph page by page.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use offseeker_pages::{Link, Page};

use super::apart::{Text, Titled, names_apart};
use super::fields::{Field, field_name, lead};
use super::lists::{Cell, cell_at, lists};
use super::names;
use super::sentences::sentence_around;
use crate::dedup::key;
use crate::evidence::page_hash;
use crate::{Entity, EntityId, Evidence, Fact, Merges, Record, Relation};

/// What a link is called that stands in no field.
const MENTIONS: &str = "mentions";

/// Fields that say what a thing is.
const KINDS: [&str; 4] = ["type", "kind", "instance of", "类型"];

/// The most different words by which one page is linked that are remembered.
const MOST_WORDS: usize = 64;

/// The most aliases of an entity.
const MOST_ALIASES: usize = 16;

/// How a graph is grown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrowOptions {
    /// What the addresses begin with that links are followed to, `https://karlin.example/` for one; all, where it is
    /// empty.
    pub within: Vec<String>,
    /// How many bytes of a sentence are quoted at most before a link, and how many after it. 300.
    pub longest_quote: usize,
    /// When the pages were fetched, in milliseconds since 1970, where that is known.
    pub retrieved_at_ms: Option<u64>,
}

impl Default for GrowOptions {
    fn default() -> Self {
        Self { within: Vec::new(), longest_quote: 300, retrieved_at_ms: None }
    }
}

/// Grows a graph page by page; in memory are the entities alone.
///
/// Each page is an entity, named by its title. Where links lead there are entities too, also where no page is known:
/// those are leaves, named by the words of the links. A link is a relation, and the sentence around it is the evidence;
/// its kind is the field that it stands in, else `mentions`. Fields and the first sentence of a page are facts. In a table
/// with a head each row is about what its first cell links to: the other cells are its facts, and other links there its
/// relations. Other words by which a page is linked are its aliases, unless they mostly lead elsewhere.
#[derive(Debug)]
pub struct Grower {
    options: GrowOptions,
    found: HashMap<EntityId, Found>,
    redirects: HashMap<EntityId, EntityId>,
}

/// What is known of an entity so far.
#[derive(Debug, Default)]
struct Found {
    url: String,
    title: Option<String>,
    kind: String,
    /// What the first head says of the lists that it stands in; of several the first by the alphabet.
    listed_as: Option<String>,
    language: String,
    description: String,
    words: HashMap<String, u32>,
    /// The hash of its text, and how long that is.
    text: Option<(EntityId, usize)>,
}

/// What a graph has besides facts and relations.
#[derive(Debug, Clone, Default)]
pub struct Grown {
    /// The entities, in the order of their ids.
    pub entities: Vec<Entity>,
    /// What redirects lead to: apply it to the graph.
    pub redirects: Merges,
}

impl Grower {
    /// Begins with nothing.
    #[must_use]
    pub fn new(options: GrowOptions) -> Self {
        Self { options, found: HashMap::new(), redirects: HashMap::new() }
    }

    /// The id of the entity that the page at an address is about.
    #[must_use]
    pub fn id_of(url: &str) -> EntityId {
        EntityId::of(&[without_fragment(url)])
    }

    /// Takes a page; gives its facts and relations to `out`.
    pub fn page(&mut self, page: &Page, mut out: impl FnMut(Record)) {
        let lead = lead(&page.text);
        let id = self.meet(&page.url);
        let quoted = Quoted { page, hash: page_hash(&page.text), retrieved_at_ms: self.options.retrieved_at_ms };
        let found = self.found.entry(id).or_default();
        found.title = Some(page.title.trim().to_owned());
        found.language = page.language.clone().unwrap_or_default();
        found.text = Some((EntityId::of(&[&page.text]), page.text.len()));
        if let Some(kind) = lead.fields.iter().find(|field| KINDS.contains(&field.name.as_str())) {
            found.kind = field_name(&kind.value).unwrap_or_default();
        }
        if let Some(sentence) = lead.sentence.clone() {
            let text = folded(&page.text[sentence.clone()]);
            found.description.clone_from(&text);
            out(quoted.supported(sentence).fold(Fact::new(id, text), Fact::with_evidence).into());
        }
        for field in &lead.fields {
            let fact = Fact::of_field(id, &field.name, folded(&field.value));
            out(quoted.supported(field.part.clone()).fold(fact, Fact::with_evidence).into());
        }
        self.links(id, &quoted, &lead.fields, &mut out);
    }

    /// Takes it that one address is only another name of a second.
    pub fn redirect(&mut self, from: &str, to: &str) {
        let (from, to) = (self.meet(from), self.meet(to));
        if from != to {
            self.redirects.insert(from, to);
        }
    }

    fn meet(&mut self, url: &str) -> EntityId {
        let url = without_fragment(url);
        let id = EntityId::of(&[url]);
        self.found.entry(id).or_insert_with(|| Found { url: url.to_owned(), ..Found::default() });
        id
    }

    fn links(&mut self, from: EntityId, quoted: &Quoted<'_>, fields: &[Field], out: &mut impl FnMut(Record)) {
        let page = quoted.page;
        let lists = lists(&page.text);
        let mut subjects: HashMap<usize, EntityId> = HashMap::new();
        let mut said = HashSet::new();
        let mut place = 0;
        for link in &page.links {
            if !self.is_followed(link, &page.url) {
                continue;
            }
            let part = find(&page.text, &link.text, place);
            place = part.as_ref().map_or(place, |part| part.end);
            let cell = part.as_ref().and_then(|part| cell_at(&lists, part));
            if let Some((cell, subject)) = cell.and_then(|cell| Some((cell, *subjects.get(&cell.row.line.start)?))) {
                self.listed_link(subject, link, &cell, quoted, out);
                continue;
            }
            let to = self.meet(&link.url);
            self.word(to, &link.text);
            if let Some(cell) = cell.filter(|cell| cell.is_first() && names::from_link(&link.text).is_some()) {
                subjects.insert(cell.row.line.start, to);
                self.listed(to, &cell, quoted, out);
            }
            let field = part.as_ref().and_then(|part| fields.iter().find(|field| covers(&field.part, part)));
            let kind = field.map_or(MENTIONS, |field| &field.name);
            let quote = part.map(|part| match field {
                Some(field) => field.part.clone(),
                None => sentence_around(&page.text, part, self.options.longest_quote),
            });
            if !said.insert((to, quote.clone())) {
                continue;
            }
            let text = quote.clone().map(|quote| folded(&page.text[quote])).unwrap_or_default();
            let relation = Relation::new(from, kind, to).saying(text);
            out(quote
                .into_iter()
                .flat_map(|quote| quoted.supported(quote))
                .fold(relation, Relation::with_evidence)
                .into());
        }
    }

    /// What a row of a list says of what it is about.
    fn listed(&mut self, id: EntityId, cell: &Cell<'_>, quoted: &Quoted<'_>, out: &mut impl FnMut(Record)) {
        if let Some(kind) = cell.kind() {
            let listed_as = &mut self.found.entry(id).or_default().listed_as;
            if listed_as.as_ref().is_none_or(|known| kind < *known) {
                *listed_as = Some(kind);
            }
        }
        for (head, value) in cell.others(&quoted.page.text) {
            let fact = Fact::of_field(id, head, folded(value));
            out(quoted.supported(cell.row.line.clone()).fold(fact, Fact::with_evidence).into());
        }
    }

    /// A later link of a row is a relation of what the row is about, if it names something. Its kind is the head of its
    /// column, where it stands there alone.
    fn listed_link(
        &mut self,
        from: EntityId,
        link: &Link,
        cell: &Cell<'_>,
        quoted: &Quoted<'_>,
        out: &mut impl FnMut(Record),
    ) {
        if names::from_link(&link.text).is_none() {
            return;
        }
        let to = self.meet(&link.url);
        self.word(to, &link.text);
        if from == to {
            return;
        }
        let line = cell.row.line.clone();
        let kind = cell.head().filter(|_| cell.is_only(&quoted.page.text, &link.text)).unwrap_or(MENTIONS);
        let relation = Relation::new(from, kind, to);
        let relation = relation.saying(folded(&quoted.page.text[line.clone()]));
        out(quoted.supported(line).fold(relation, Relation::with_evidence).into());
    }

    fn is_followed(&self, link: &Link, page: &str) -> bool {
        let within = &self.options.within;
        // A link of a mark alone, such as a paragraph sign, names nothing.
        link.text.chars().any(char::is_alphanumeric)
            && without_fragment(&link.url) != without_fragment(page)
            && (within.is_empty() || within.iter().any(|start| link.url.starts_with(start.as_str())))
    }

    /// Remembers the words by which an entity is linked.
    fn word(&mut self, id: EntityId, words: &str) {
        let Some(name) = names::from_link(words) else { return };
        let known = &mut self.found.entry(id).or_default().words;
        if known.len() < MOST_WORDS || known.contains_key(&name) {
            *known.entry(name).or_default() += 1;
        }
    }

    /// Names the entities.
    #[must_use]
    pub fn finish(self) -> Grown {
        let titles = self.found.values().filter_map(|found| found.title.as_deref());
        let ending = names::site_ending(titles);
        let mut uses: HashMap<String, u32> = HashMap::new();
        for (words, count) in self.found.values().flat_map(|found| &found.words) {
            *uses.entry(key(words)).or_default() += count;
        }
        let mut apart = self.apart(&ending);
        let named = |(id, found): (EntityId, Found)| found.entity(id, apart.remove(&id), &ending, &uses);
        let mut entities: Vec<Entity> = self.found.into_iter().map(named).collect();
        entities.sort_unstable_by_key(|entity| entity.id);
        Grown { entities, redirects: Merges::new(&self.redirects) }
    }

    /// Names for pages whose titles do not tell them apart.
    fn apart(&self, site_ending: &str) -> HashMap<EntityId, String> {
        let mut pages = Vec::new();
        for (id, found) in self.found.iter().filter(|(id, _)| !self.redirects.contains_key(id)) {
            let name = found.title.as_deref().and_then(|title| names::from_title(title, site_ending));
            if let (Some(name), Some((hash, length))) = (name, found.text) {
                let text = Text { hash, length, sentence: &found.description };
                pages.push(Titled { id: *id, url: &found.url, name, text });
            }
        }
        let title_at = |url: &str| self.found.get(&EntityId::of(&[url]))?.title.clone();
        names_apart(&pages, title_at)
    }
}

impl Found {
    fn entity(self, id: EntityId, apart: Option<String>, site_ending: &str, uses: &HashMap<String, u32>) -> Entity {
        let mut words: Vec<(String, u32)> = self.words.into_iter().collect();
        words.sort_unstable_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        let title = || self.title.as_deref().and_then(|title| names::from_title(title, site_ending));
        let title = apart.or_else(title);
        let name =
            title.or_else(|| words.first().map(|(words, _)| words.clone())).unwrap_or_else(|| last_part(&self.url));
        let mut seen = HashSet::from([key(&name)]);
        let kind = if self.kind.is_empty() { self.listed_as.unwrap_or_default() } else { self.kind };
        let mut entity =
            Entity { kind, language: self.language, description: self.description, ..Entity::new(id, name) };
        for (words, count) in words {
            let key = key(&words);
            let mostly_this = count * 2 > uses.get(&key).copied().unwrap_or_default();
            if mostly_this && entity.aliases.len() < MOST_ALIASES && seen.insert(key) {
                entity.aliases.push(words);
            }
        }
        if self.title.is_some() {
            entity.pages.push(self.url);
        }
        entity
    }
}

/// A page that is quoted from.
struct Quoted<'a> {
    page: &'a Page,
    hash: String,
    retrieved_at_ms: Option<u64>,
}

impl Quoted<'_> {
    fn supported(&self, part: Range<usize>) -> impl Iterator<Item = Evidence> {
        let evidence = Evidence::cut_hashed(&self.page.url, &self.page.text, part, &self.hash);
        evidence.into_iter().map(|evidence| Evidence { retrieved_at_ms: self.retrieved_at_ms, ..evidence })
    }
}

/// Where the words of a link stand: after the link before it, else where they stand first.
fn find(text: &str, words: &str, from: usize) -> Option<Range<usize>> {
    let after = text.get(from..).and_then(|rest| rest.find(words)).map(|at| from + at);
    let start = after.or_else(|| text.find(words))?;
    (!words.is_empty()).then(|| start..start + words.len())
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(page, _)| page)
}

/// The last part of an address, without its ending, and what it asks for.
fn last_part(url: &str) -> String {
    let (path, asked) = url.split_once('?').unwrap_or((url, ""));
    let part = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    let stem = part.split_once('.').map_or(part, |(stem, _)| stem);
    let values = asked.split('&').filter_map(|pair| pair.split_once('=').map(|(_, value)| value));
    let words: Vec<&str> = std::iter::once(stem).chain(values).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { url.to_owned() } else { words.join(" ").replace(['_', '-', '+'], " ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_link_names_is_named_by_its_address() {
        assert_eq!(last_part("https://karlin.example/old-mills/karlin_mill.html"), "karlin mill");
        assert_eq!(last_part("https://karlin.example/count.php?package=mill&page="), "count mill");
        assert_eq!(last_part("https://karlin.example/"), "karlin");
    }
}
