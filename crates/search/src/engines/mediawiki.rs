//! MediaWiki: Wikipedia, or a wiki of one's own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError, plain};
use serde::Deserialize;
use serde_json::Value;

use super::link::{Access, Link};
use super::shortened::shortened;
use crate::{Encyclopedia, Entry, Hit, Query, SearchBackend, SearchError};

/// The most hits that a wiki gives at once.
const MOST: usize = 500;

/// The longest query in characters; a wiki takes 300 bytes.
const LONGEST: usize = 75;

/// How many titles are named at most where a name has several entries or none.
const TITLES: usize = 20;

/// A wiki that runs MediaWiki: Wikipedia, or one of one's own. It searches, gives the text of pages, and looks names up,
/// all through `api.php` with the extension `TextExtracts`, which Wikipedia has.
///
/// A name is looked up in the wiki of the language in which it is written, then in the others in their order.
#[derive(Debug, Clone)]
pub struct MediaWiki {
    name: String,
    wikis: Vec<Wiki>,
}

/// The wiki of one language.
#[derive(Debug, Clone)]
struct Wiki {
    language: String,
    link: Link,
}

#[derive(Deserialize)]
struct Answer {
    query: Option<Queried>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: String,
    #[serde(default)]
    info: String,
}

#[derive(Default, Deserialize)]
struct Queried {
    #[serde(default)]
    pages: Vec<Found>,
    #[serde(default)]
    search: Vec<Listed>,
}

/// A page in an answer.
#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    title: String,
    #[serde(default)]
    missing: bool,
    #[serde(default)]
    invalid: bool,
    #[serde(default)]
    fullurl: String,
    extract: Option<String>,
    #[serde(default)]
    pageprops: BTreeMap<String, Value>,
    #[serde(default)]
    links: Vec<Titled>,
    #[serde(default)]
    touched: Option<String>,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

#[derive(Deserialize)]
struct Listed {
    title: String,
    #[serde(default)]
    snippet: String,
    timestamp: Option<String>,
}

impl MediaWiki {
    /// Wikipedia in these languages, such as `en` and `zh`; the first is the fallback of all others.
    ///
    /// # Errors
    ///
    /// When there is no language, or one is none.
    pub fn wikipedia<T: AsRef<str>>(languages: impl IntoIterator<Item = T>) -> Result<Self, SearchError> {
        let wikis = languages.into_iter().map(|language| {
            let language = language.as_ref();
            if language.is_empty() || !language.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
                return Err(SearchError::broken("mediawiki", format!("{language:?} is no language of Wikipedia")));
            }
            Ok((language.to_owned(), Access::at(format!("https://{language}.wikipedia.org/w"))))
        });
        Self::of(wikis.collect::<Result<Vec<_>, _>>()?)
    }

    /// Wikis by their languages, each reached at the folder in which its `api.php` is; the first is the fallback of all
    /// others.
    ///
    /// # Errors
    ///
    /// When there is none, or an address is none.
    pub fn of(wikis: impl IntoIterator<Item = (String, Access)>) -> Result<Self, SearchError> {
        let wikis: Vec<Wiki> = wikis
            .into_iter()
            .map(|(language, access)| Ok(Wiki { language, link: Link::new("mediawiki", None, access)? }))
            .collect::<Result<_, SearchError>>()?;
        if wikis.is_empty() {
            return Err(SearchError::broken("mediawiki", "it has no wiki; name one language at least"));
        }
        let places: Vec<String> = wikis.iter().map(|wiki| wiki.link.place()).collect();
        Ok(Self { name: format!("mediawiki:{}", places.join(",")), wikis })
    }

    /// The wikis in the order in which a text is looked for in them: that of its language first.
    fn in_order(&self, text: &str) -> impl Iterator<Item = &Wiki> {
        let language = language_of(text);
        let (first, others): (Vec<&Wiki>, Vec<&Wiki>) =
            self.wikis.iter().partition(|wiki| language.is_some_and(|language| wiki.language == language));
        first.into_iter().chain(others)
    }
}

impl Wiki {
    async fn ask(&self, asked: &[(&str, &str)]) -> Result<Queried, SearchError> {
        let always = [("action", "query"), ("format", "json"), ("formatversion", "2"), ("maxlag", "5")];
        let request = self.link.get(&["api.php"]).query(&always).query(asked);
        let answer: Answer = self.link.exchange(request).await?;
        match answer.error {
            None => Ok(answer.query.unwrap_or_default()),
            Some(Refusal { code, info }) if matches!(code.as_str(), "maxlag" | "ratelimited" | "readonly") => {
                Err(SearchError::RateLimited { backend: "mediawiki".to_owned(), reason: info, retry_after: None })
            }
            Some(Refusal { code, info }) => Err(self.link.broken(format!("{code}: {info}"))),
        }
    }

    /// The page with a title, after all redirects.
    async fn page(&self, title: &str) -> Result<Option<Found>, SearchError> {
        let asked = [
            ("prop", "extracts|pageprops|info"),
            ("explaintext", "1"),
            ("exsectionformat", "wiki"),
            ("ppprop", "disambiguation"),
            ("inprop", "url"),
            ("redirects", "1"),
            ("titles", title),
        ];
        let found = self.ask(&asked).await?.pages.into_iter().next();
        Ok(found.filter(|page| !page.missing && !page.invalid))
    }

    /// The titles that a page links to.
    async fn links(&self, title: &str) -> Result<Vec<String>, SearchError> {
        let asked =
            [("prop", "links"), ("plnamespace", "0"), ("pllimit", "max"), ("redirects", "1"), ("titles", title)];
        let found = self.ask(&asked).await?.pages.into_iter().next();
        Ok(found.map(|page| page.links.into_iter().map(|link| link.title).collect()).unwrap_or_default())
    }

    async fn search(&self, text: &str, limit: usize) -> Result<Vec<Listed>, SearchError> {
        let limit = limit.clamp(1, MOST).to_string();
        let text = fitting(text);
        let asked = [
            ("list", "search"),
            ("srsearch", text.as_str()),
            ("srlimit", limit.as_str()),
            ("srprop", "snippet|timestamp"),
        ];
        Ok(self.ask(&asked).await?.search)
    }

    /// The address of a page, from the place of its wiki.
    fn url(&self, title: &str) -> String {
        let title: String = url::form_urlencoded::byte_serialize(title.replace(' ', "_").as_bytes()).collect();
        match self.link.place().strip_suffix("/w") {
            Some(site) => format!("{site}/wiki/{title}"),
            None => format!("{}/index.php?title={title}", self.link.place()),
        }
    }

    /// The title in the address of a page of this wiki.
    fn title(&self, address: &str) -> Option<String> {
        let place = self.link.place();
        let site = place.strip_suffix("/w").unwrap_or(&place);
        let address = url::Url::parse(address).ok()?;
        let shown = format!("{}{}", address.origin().ascii_serialization(), address.path());
        let rest = shown.strip_prefix(site)?;
        let title = match address.query_pairs().find(|(name, _)| name == "title") {
            Some((_, title)) => title.into_owned(),
            None => {
                let path = rest.strip_prefix("/wiki/").or_else(|| rest.strip_prefix("/index.php/"))?;
                let pair = format!("t={}", path.replace('+', "%2B"));
                url::form_urlencoded::parse(pair.as_bytes()).next()?.1.into_owned()
            }
        };
        Some(title.replace('_', " "))
    }

    async fn look_up(&self, name: &str) -> Result<Option<Entry>, SearchError> {
        let Some(found) = self.page(name).await? else { return Ok(None) };
        let text = found.extract.as_deref().unwrap_or_default();
        if found.pageprops.contains_key("disambiguation") || found.title.ends_with("(disambiguation)") {
            let mut titles = self.links(&found.title).await?;
            titles.retain(|title| !title.ends_with("(disambiguation)"));
            titles.truncate(TITLES);
            return Ok(Some(Entry::Several(titles)));
        }
        let text = text.to_owned();
        Ok(Some(Entry::Article(found.page(text, &self.language))))
    }
}

impl Found {
    fn page(self, text: String, language: &str) -> Page {
        Page { date: self.touched, language: Some(language.to_owned()), ..Page::new(self.fullurl, self.title, text) }
    }
}

/// The beginning of a query that a wiki takes.
fn fitting(text: &str) -> String {
    let is_short = text.trim().len() <= 4 * LONGEST;
    shortened(text, usize::MAX, if is_short { usize::MAX } else { LONGEST })
}

/// The language that a script suggests; none for Latin letters.
fn language_of(text: &str) -> Option<&'static str> {
    let mut chinese = None;
    for char in text.chars() {
        match u32::from(char) {
            0x3040..=0x30FF => return Some("ja"),
            0xAC00..=0xD7AF => return Some("ko"),
            0x0400..=0x04FF => return Some("ru"),
            0x0600..=0x06FF => return Some("ar"),
            0x0590..=0x05FF => return Some("he"),
            0x0370..=0x03FF => return Some("el"),
            0x0E00..=0x0E7F => return Some("th"),
            0x0900..=0x097F => return Some("hi"),
            0x4E00..=0x9FFF => chinese = Some("zh"),
            _ => {}
        }
    }
    chinese
}

#[async_trait]
impl Encyclopedia for MediaWiki {
    fn name(&self) -> &str {
        &self.name
    }

    async fn look_up(&self, name: &str) -> Result<Entry, PageError> {
        for wiki in self.in_order(name) {
            if let Some(entry) = wiki.look_up(name).await.map_err(|error| error.about_page(name))? {
                return Ok(entry);
            }
        }
        let mut near = Vec::new();
        for wiki in self.in_order(name) {
            let found = wiki.search(name, TITLES).await.map_err(|error| error.about_page(name))?;
            near.extend(found.into_iter().map(|found| found.title));
            if !near.is_empty() {
                break;
            }
        }
        Ok(Entry::Missing(near))
    }
}

#[async_trait]
impl SearchBackend for MediaWiki {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        if query.is_blank() {
            return Ok(Vec::new());
        }
        for wiki in self.in_order(&query.text) {
            let found = wiki.search(&query.text, query.limit).await?;
            if !found.is_empty() {
                let hit = |found: Listed| Hit {
                    date: found.timestamp,
                    ..Hit::new(wiki.url(&found.title), found.title, plain(&found.snippet))
                };
                return Ok(found.into_iter().take(query.limit).map(hit).collect());
            }
        }
        Ok(Vec::new())
    }
}

#[async_trait]
impl Library for MediaWiki {
    fn name(&self) -> &str {
        &self.name
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        for wiki in &self.wikis {
            let Some(title) = wiki.title(url) else { continue };
            let found = wiki.page(&title).await.map_err(|error| error.about_page(url))?;
            let mut found = found.ok_or_else(|| PageError::not_found(url))?;
            let text = found.extract.take().unwrap_or_default();
            return Ok(found.page(text, &wiki.language));
        }
        Err(PageError::not_found(url))
    }
}
