//! An encyclopedia over a corpus that is searched like any other.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};

use crate::{Encyclopedia, Entry, Query, SearchBackend};

/// How many hits are looked at for the entry of a name.
const HITS: usize = 30;

/// How many titles are named at most where a name has several entries or none.
const TITLES: usize = 20;

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// What a wiki writes at the beginning of a page that only leads to another.
const REDIRECT_MARKS: [&str; 4] = ["#redirect", "#重定向", "#転送", "#weiterleitung"];

/// What stands in the title or the first line of a page that lists what a name may mean.
const LIST_MARKS: [&str; 8] = [
    "(disambiguation)",
    "may refer to",
    "can refer to",
    "消歧义",
    "消歧義",
    "可以指",
    "曖昧さ回避",
    "(begriffsklärung)",
];

/// An encyclopedia over a corpus, such as an index of a dump of Wikipedia: the entry of a name is the page with that
/// title.
///
/// A page is found through the address that it would have, where [`addressed`](Self::addressed) says how addresses are
/// made, and by searching for its title. Pages that begin with `#REDIRECT [[…]]` lead on; where pages are called
/// `Name (river)` and `Name (town)`, or the page lists what the name may mean, the name has several entries.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_pages::Page;
/// use offseeker_search::{CorpusEncyclopedia, Encyclopedia, Entry, InMemory};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let corpus = Arc::new(InMemory::of([
///     Page::new("karlin:orsa-river", "Orsa (river)", "It drives the mill."),
///     Page::new("karlin:orsa-town", "Orsa (town)", "It has a mill."),
/// ]));
/// let encyclopedia = CorpusEncyclopedia::new(corpus.clone(), corpus);
///
/// let found = encyclopedia.look_up("Orsa").await?;
/// assert_eq!(found, Entry::Several(vec!["Orsa (river)".into(), "Orsa (town)".into()]));
/// assert!(matches!(encyclopedia.look_up("orsa (river)").await?, Entry::Article(_)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct CorpusEncyclopedia {
    backend: Arc<dyn SearchBackend>,
    library: Arc<dyn Library>,
    bases: Vec<String>,
}

impl CorpusEncyclopedia {
    /// An encyclopedia over the pages that `backend` finds and `library` gives.
    pub fn new(backend: Arc<dyn SearchBackend>, library: Arc<dyn Library>) -> Self {
        Self { backend, library, bases: Vec::new() }
    }

    /// Says how the addresses of entries begin, such as `https://en.wikipedia.org/wiki/`: the title follows, with
    /// underscores for spaces. Those named first are tried first.
    #[must_use]
    pub fn addressed<T: Into<String>>(mut self, bases: impl IntoIterator<Item = T>) -> Self {
        self.bases.extend(bases.into_iter().map(Into::into));
        self
    }

    async fn by_address(&self, name: &str) -> Result<Option<Page>, PageError> {
        let title = name.trim().replace(' ', "_");
        let mut chars = title.chars();
        let capital: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
        for base in &self.bases {
            for title in [&title, &capital] {
                match self.library.get(&format!("{base}{title}")).await {
                    Err(PageError::NotFound { .. } | PageError::InvalidUrl { .. }) => {}
                    Ok(page) => return Ok(Some(page)),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(None)
    }

    async fn by_title(&self, name: &str) -> Result<Entry, PageError> {
        let hits = self.backend.search(&Query::new(name).limit(HITS)).await.map_err(|error| error.about_page(name))?;
        let wanted = key(name);
        if let Some(hit) = hits.iter().find(|hit| key(&hit.title) == wanted) {
            return self.library.get(&hit.url).await.map(Entry::Article);
        }
        let mut titles: Vec<String> = Vec::new();
        for hit in &hits {
            if !hit.title.is_empty() && !titles.contains(&hit.title) {
                titles.push(hit.title.clone());
            }
        }
        let (mut several, near): (Vec<String>, Vec<String>) =
            titles.into_iter().partition(|title| title.split_once(" (").is_some_and(|(base, _)| key(base) == wanted));
        several.sort_unstable();
        let named = |mut titles: Vec<String>| {
            titles.truncate(TITLES);
            titles
        };
        match several.as_slice() {
            [] => Ok(Entry::Missing(named(near))),
            [only] => match hits.iter().find(|hit| hit.title == *only) {
                Some(hit) => self.library.get(&hit.url).await.map(Entry::Article),
                None => Ok(Entry::Missing(named(near))),
            },
            _ => Ok(Entry::Several(named(several))),
        }
    }
}

#[async_trait]
impl Encyclopedia for CorpusEncyclopedia {
    fn name(&self) -> &str {
        self.backend.name()
    }

    async fn look_up(&self, name: &str) -> Result<Entry, PageError> {
        let mut name = name.trim().to_owned();
        for _ in 0..=REDIRECTS {
            let found = match self.by_address(&name).await? {
                Some(page) => Entry::Article(page),
                None => self.by_title(&name).await?,
            };
            match found {
                Entry::Article(page) => match redirect(&page.text) {
                    Some(target) => name = target,
                    None if is_list(&page) => return Ok(Entry::Several(listed(&page.text))),
                    None => return Ok(Entry::Article(page)),
                },
                other => return Ok(other),
            }
        }
        Err(PageError::Unreadable { url: name, reason: format!("there are more than {REDIRECTS} redirects") })
    }
}

/// A title as titles are compared: in lower case, with single spaces.
fn key(title: &str) -> String {
    let title = title.strip_suffix(" - Wikipedia").unwrap_or(title).replace('_', " ");
    title.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Where a page leads to that does nothing else.
fn redirect(text: &str) -> Option<String> {
    let first = text.trim_start().lines().next()?;
    let lower = first.to_lowercase();
    REDIRECT_MARKS.iter().find(|mark| lower.starts_with(**mark))?;
    let target = first.split_once("[[")?.1.split_once("]]")?.0;
    let title = target.split(['|', '#']).next()?.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

fn is_list(page: &Page) -> bool {
    let first = page.text.trim_start().lines().next().unwrap_or_default();
    let head = format!("{}\n{first}", page.title).to_lowercase();
    LIST_MARKS.iter().any(|mark| head.contains(mark))
}

/// The titles that a page lists: what stands before the comma in each item.
fn listed(text: &str) -> Vec<String> {
    let item = |line: &str| {
        let line = line.trim_start();
        let item = line.strip_prefix(['*', '-', '•'])?.strip_prefix(' ')?.trim();
        let title = item.split([',', '，', '–', '—']).next()?.trim_matches(['*', '_', '[', ']', ' ']);
        (!title.is_empty()).then(|| title.to_owned())
    };
    text.lines().filter_map(item).take(TITLES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InMemory;

    fn encyclopedia() -> CorpusEncyclopedia {
        let page = |title: &str, text: &str| {
            Page::new(format!("https://karlin.example/wiki/{}", title.replace(' ', "_")), title, text)
        };
        let corpus = Arc::new(InMemory::of([
            page("Karlin mill", "An old mill."),
            page("Karlin castle", "It burnt down twice. The Karlin mill is near."),
            page("The old mill", "#REDIRECT [[Karlin mill#History|the mill]]"),
            page("Ring", "#redirect [[Ring road]]"),
            page("Ring road", "#redirect [[Ring]]"),
            page("Orsa", "**Orsa** may refer to:\n\n- Orsa (river), which drives the mill\n- Orsa Novak — a painter"),
            page("Brod (town)", "A town."),
            page("Brod (ford)", "A ford."),
            page("Vela (ship)", "A ship."),
            page("卡林磨坊", "一座老磨坊。"),
        ]));
        CorpusEncyclopedia::new(corpus.clone(), corpus)
    }

    #[tokio::test]
    async fn names_are_looked_up() {
        check("Karlin mill", "article: Karlin mill").await;
        check(" karlin  MILL ", "article: Karlin mill").await;
        check("The old mill", "article: Karlin mill").await;
        check("Orsa", "several: Orsa (river), Orsa Novak").await;
        check("brod", "several: Brod (ford), Brod (town)").await;
        check("Vela", "article: Vela (ship)").await;
        check("卡林磨坊", "article: 卡林磨坊").await;
        check("Karlin", "missing: Karlin castle, Karlin mill, The old mill").await;
        check("Nothing", "missing: ").await;
        check("Ring", "https: Ring cannot be read: there are more than 5 redirects").await;
    }

    async fn check(name: &str, expected: &str) {
        for encyclopedia in [encyclopedia(), encyclopedia().addressed(["https://karlin.example/wiki/"])] {
            let found = match encyclopedia.look_up(name).await {
                Ok(Entry::Article(page)) => format!("article: {}", page.title),
                Ok(Entry::Several(titles)) => format!("several: {}", titles.join(", ")),
                Ok(Entry::Missing(mut titles)) => {
                    titles.sort_unstable();
                    format!("missing: {}", titles.join(", "))
                }
                Err(error) => format!("https: {error}"),
            };
            assert_eq!(found, expected, "{name}");
        }
    }
}
