//! Names that tell pages of one place apart that have the same title.

use std::collections::{HashMap, HashSet};

use super::names;
use crate::EntityId;
use crate::dedup::key;

/// A page with its title, and what its text is known by.
#[derive(Debug)]
pub(super) struct Titled<'a> {
    pub(super) id: EntityId,
    pub(super) url: &'a str,
    /// The name in its title.
    pub(super) name: String,
    pub(super) text: Text<'a>,
}

/// What the text of a page is known by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) hash: EntityId,
    pub(super) length: usize,
    /// Its first sentence; empty where it has none.
    pub(super) sentence: &'a str,
}

impl Text<'_> {
    /// Whether two pages say the same, as far as can be told: all of it, or the first sentence of texts that are about as
    /// long as each other.
    fn is_near(&self, other: &Self) -> bool {
        let alike = self.length.abs_diff(other.length) * 10 <= self.length.max(other.length);
        self.hash == other.hash || (alike && !self.sentence.is_empty() && self.sentence == other.sentence)
    }
}

/// Names that tell apart what has the same title in one place and says something else: the thirteen introductions of the
/// chapters of a manual. Pages of different places that have one title keep it.
pub(super) fn names_apart(
    pages: &[Titled<'_>],
    title_at: impl Fn(&str) -> Option<String>,
) -> HashMap<EntityId, String> {
    let mut order: Vec<(EntityId, &Titled<'_>)> =
        pages.iter().map(|page| (EntityId::of(&[site(page.url), &key(&page.name)]), page)).collect();
    order.sort_unstable_by_key(|(group, page)| (*group, page.url));
    let mut names = HashMap::new();
    for group in order.chunk_by(|left, right| left.0 == right.0).filter(|group| group.len() > 1) {
        let mut told: Vec<(&Titled<'_>, Vec<EntityId>)> = Vec::new();
        for (_, page) in group {
            match told.iter_mut().find(|(first, _)| first.text.is_near(&page.text)) {
                Some((_, same)) => same.push(page.id),
                None => told.push((page, vec![page.id])),
            }
        }
        if told.len() == 1 {
            continue;
        }
        let urls: Vec<&str> = told.iter().map(|(page, _)| page.url).collect();
        let qualifiers = qualifiers(&urls, &told[0].0.name, &title_at);
        for ((page, same), qualifier) in told.iter().zip(qualifiers) {
            names.extend(same.iter().map(|id| (*id, format!("{} ({qualifier})", page.name))));
        }
    }
    names
}

/// The place that an address is in: its host, or the files of this machine.
fn site(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    if start == 0 { "" } else { &url[..end] }
}

/// The longest thing that is added to a name, in characters.
const LONGEST: usize = 60;

/// For each of several pages of one title what its name is told apart by: the part of its address that only it has, or the
/// title of the page above it.
///
/// A folder is tried first, from the last one on, then what a file is called besides the title, and at last the whole path.
/// `title_at` gives the title of a page, where there is one at an address.
fn qualifiers(urls: &[&str], title: &str, title_at: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let places: Vec<Place<'_>> = urls.iter().map(|url| Place::of(url)).collect();
    let deepest = places.iter().map(|place| place.folders.len()).min().unwrap_or_default();
    for back in 1..=deepest {
        let parts: Vec<Part> = places.iter().map(|place| place.folder(back)).collect();
        if let Some(found) = told_apart(&parts, &title_at) {
            return found;
        }
    }
    let parts: Vec<Part> = places.iter().map(|place| place.rest_of_file(title)).collect();
    told_apart(&parts, &title_at).unwrap_or_else(|| {
        let shared = places.iter().map(|place| place.shared(&places[0])).min().unwrap_or_default();
        places.iter().map(|place| place.from(shared)).collect()
    })
}

/// An address, in parts.
struct Place<'a> {
    url: &'a str,
    folders: Vec<&'a str>,
    stem: &'a str,
    ending: &'a str,
}

/// A part of an address, with the addresses where the page above may be.
struct Part {
    words: String,
    above: Vec<String>,
}

impl<'a> Place<'a> {
    fn of(url: &'a str) -> Self {
        let start = url.find("://").map_or(0, |at| at + 3);
        let mut folders: Vec<&str> = url[start..].split('/').collect();
        let file = folders.pop().unwrap_or_default();
        let stem = file.split(['.', '?']).next().unwrap_or_default();
        Self { url, folders, stem, ending: &file[stem.len()..] }
    }

    /// The folder so many above the file; the last is the first.
    fn folder(&self, back: usize) -> Part {
        let at = self.folders.len() - back;
        let cut: usize = self.folders[at + 1..].iter().map(|folder| folder.len() + 1).sum();
        let end = self.url.len() - self.stem.len() - self.ending.len() - cut - 1;
        let folder = &self.url[..end];
        let inside = ["index.html", "index.md", "README.md", "index.htm", ""].map(|file| format!("{folder}/{file}"));
        let beside = [".html", ".md", ".htm"].map(|ending| format!("{folder}{ending}"));
        Part { words: words(self.folders[at]), above: inside.into_iter().chain(beside).collect() }
    }

    /// What the file is called besides the title.
    fn rest_of_file(&self, title: &str) -> Part {
        let title: HashSet<String> = offseeker_pages::words(title).collect();
        let pieces = self.stem.split(['-', '_', '.', ' ']);
        let rest: Vec<&str> = pieces.filter(|piece| !title.contains(&piece.to_lowercase())).collect();
        let folder = &self.url[..self.url.len() - self.stem.len() - self.ending.len()];
        Part { words: rest.join(" "), above: vec![format!("{folder}{}{}", rest.join("-"), self.ending)] }
    }

    /// How many folders from the beginning on are the same.
    fn shared(&self, other: &Place<'_>) -> usize {
        self.folders.iter().zip(&other.folders).take_while(|(one, other)| one == other).count()
    }

    fn from(&self, folder: usize) -> String {
        let mut parts: Vec<&str> = self.folders[folder..].to_vec();
        let query = self.ending.find('?').map_or("", |at| &self.ending[at..]);
        let file = format!("{}{query}", self.stem);
        parts.push(&file);
        parts.join("/")
    }
}

fn words(part: &str) -> String {
    part.replace(['-', '_'], " ").trim().to_owned()
}

/// The parts, or the titles above them, if no two are the same and none is empty.
fn told_apart(parts: &[Part], title_at: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    let above = |part: &Part| part.above.iter().find_map(|url| title_at(url)).and_then(|title| names::short(&title));
    let titles: Vec<String> = parts.iter().map(|part| above(part).unwrap_or_else(|| part.words.clone())).collect();
    let plain = || parts.iter().map(|part| part.words.clone()).collect();
    [titles, plain()].into_iter().find(|names: &Vec<String>| {
        let mut seen = HashSet::new();
        names.iter().all(|name| {
            let is_short = name.chars().count() <= LONGEST;
            is_short && name.chars().any(char::is_alphanumeric) && seen.insert(key(name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_one_title_are_told_apart_by_where_they_lie() {
        check(&["file:///d/plpgsql/intro.html", "file:///d/pltcl/intro.html"], &["PL/pgSQL", "pltcl"]);
        check(&["https://a.example/v1/intro", "https://a.example/v2/intro"], &["v1", "v2"]);
        check(&["file:///d/gin-intro.html", "file:///d/sp-gist-introduction.html"], &["GIN Indexes", "sp gist"]);
        check(&["file:///d/a/x/intro.md", "file:///d/b/x/intro.md"], &["a", "b"]);
        check(&["file:///d/a/intro.md", "file:///d/a/b/intro.md"], &["a", "b"]);
        check(
            &["file:///d/intro.md", "file:///d/a/intro.md", "file:///d/a/intro-2.md"],
            &["intro", "a/intro", "a/intro-2"],
        );
        check(&["https://a.example/p?id=1", "https://a.example/p?id=2"], &["p?id=1", "p?id=2"]);
        check(&["a", "b"], &["a", "b"]);
    }

    fn check(urls: &[&str], expected: &[&str]) {
        let title_at = |url: &str| match url {
            "file:///d/plpgsql/index.html" => Some("Chapter 43. PL/pgSQL — SQL Procedural Language".to_owned()),
            "file:///d/gin.html" => Some("64.4. GIN Indexes".to_owned()),
            _ => None,
        };
        assert_eq!(qualifiers(urls, "Introduction (intro)", title_at), expected, "{urls:?}");
    }
}
