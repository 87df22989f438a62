//! The pages of a dump of MediaWiki.

mod bounded;
mod wikitext;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use bzip2::bufread::MultiBzDecoder;
use offseeker_pages::{Link, Page};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::GraphError;
use bounded::Bounded;

/// The largest page of a dump, as XML, in bytes.
const LARGEST_PAGE: u64 = 64 << 20;

/// A page of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpPage {
    /// The page, with its template of fields as lines before its text. A redirect has no text.
    pub page: Page,
    /// Where it only leads to, if it does: an address.
    pub redirect: Option<String>,
}

/// The articles of a dump of MediaWiki, `pages-articles.xml` or the same packed as `.bz2`, one at a time.
///
/// Pages of other namespaces than that of articles are left out. Wikitext is read as far as a graph needs it: links,
/// headings, the fields of an infobox, and the text between them; other templates, tables and notes are left out.
///
/// A dump that is damaged or cut off is an error, and the end.
pub struct MediaWikiDump {
    path: PathBuf,
    reader: Reader<Bounded<Box<dyn BufRead + Send>>>,
    site: Site,
    buffer: Vec<u8>,
    /// Whether what the dump begins with has come to its end.
    closed: bool,
    ended: bool,
}

impl std::fmt::Debug for MediaWikiDump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaWikiDump").field("path", &self.path).field("site", &self.site).finish_non_exhaustive()
    }
}

/// What a dump says of its wiki.
#[derive(Debug, Clone, Default)]
struct Site {
    /// What the addresses of its pages begin with.
    base: String,
    language: String,
    /// The names of all namespaces but that of articles, in lower case.
    namespaces: Vec<String>,
}

/// The parts of a page as they are read.
#[derive(Debug, Default)]
struct Parts {
    title: String,
    namespace: String,
    redirect: Option<String>,
    text: String,
    date: String,
}

impl MediaWikiDump {
    /// Opens a dump; one whose name ends in `.bz2` is unpacked on the way.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, GraphError> {
        let path = path.as_ref();
        let file = BufReader::new(File::open(path).map_err(|error| GraphError::io(path, error))?);
        if path.extension().is_some_and(|ending| ending == "bz2") {
            return Ok(Self::new(path, BufReader::new(MultiBzDecoder::new(file))));
        }
        Ok(Self::new(path, file))
    }

    /// Reads a dump from anywhere; errors call it by a path.
    pub fn new(path: impl Into<PathBuf>, from: impl BufRead + Send + 'static) -> Self {
        let reader = Reader::from_reader(Bounded::new(Box::new(from) as Box<dyn BufRead + Send>, LARGEST_PAGE));
        Self { path: path.into(), reader, site: Site::default(), buffer: Vec::new(), closed: false, ended: false }
    }

    /// Reads on to the end of the next page; none at the end of the dump.
    fn next_page(&mut self) -> Result<Option<DumpPage>, GraphError> {
        let mut parts = Parts::default();
        let mut field = String::new();
        let mut text = String::new();
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event
                .map_err(|error| GraphError::damaged(&self.path, format!("it cannot be read as XML: {error}")))?
            {
                Event::Start(tag) => {
                    text.clear();
                    field = tag.name().as_ref().to_owned();
                    if field == "mediawiki" {
                        self.site.language = attribute(&tag, "xml:lang").unwrap_or_default();
                    }
                }
                Event::Empty(tag) if tag.name().as_ref() == "redirect" => parts.redirect = attribute(&tag, "title"),
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) => {
                    let named = named(&reference.xml10_content());
                    text.extend(reference.resolve_char_ref().ok().flatten().or(named));
                }
                Event::End(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    if name == "page" {
                        self.reader.get_mut().refill();
                        match self.site.page(std::mem::take(&mut parts)) {
                            Some(page) => return Ok(Some(page)),
                            None => continue,
                        }
                    }
                    self.closed |= name == "mediawiki";
                    if name == field {
                        self.site.take(&name, &text);
                        parts.take(&name, &mut text);
                    }
                    text.clear();
                }
                Event::Eof if self.closed => return Ok(None),
                Event::Eof => return Err(GraphError::damaged(&self.path, "it is cut off")),
                _ => {}
            }
        }
    }
}

impl Iterator for MediaWikiDump {
    type Item = Result<DumpPage, GraphError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let page = self.next_page();
        self.ended = !matches!(page, Ok(Some(_)));
        page.transpose()
    }
}

impl Parts {
    fn take(&mut self, field: &str, text: &mut String) {
        match field {
            "title" => self.title = std::mem::take(text),
            "ns" => self.namespace = std::mem::take(text),
            "text" => self.text = std::mem::take(text),
            "timestamp" => self.date = std::mem::take(text),
            _ => {}
        }
    }
}

impl Site {
    fn take(&mut self, field: &str, text: &str) {
        match field {
            "base" => self.base = text.rfind('/').map_or_else(String::new, |end| text[..=end].to_owned()),
            "namespace" if !text.is_empty() => self.namespaces.push(text.to_lowercase()),
            _ => {}
        }
    }

    fn page(&self, parts: Parts) -> Option<DumpPage> {
        let url = self.url(&parts.title)?;
        if !matches!(parts.namespace.trim(), "" | "0") {
            return None;
        }
        let mut page = Page::new(url, parts.title, "");
        page.language = Some(self.language.clone()).filter(|language| !language.is_empty());
        page.date = Some(parts.date).filter(|date| !date.is_empty());
        let redirect = parts.redirect.and_then(|title| self.url(&title));
        if redirect.is_none() {
            let read = wikitext::read(&parts.text);
            page.text = read.text;
            let link = |(words, title): (String, String)| Some(Link { text: words, url: self.url(&title)? });
            page.links = read.links.into_iter().filter_map(link).collect();
        }
        Some(DumpPage { page, redirect })
    }

    /// The address of an article; none for pages of other namespaces and other wikis.
    fn url(&self, title: &str) -> Option<String> {
        let title = title.trim().trim_start_matches(':').replace(' ', "_");
        if let Some((space, _)) = title.split_once(':') {
            let elsewhere = space.len() <= 3 && space.bytes().all(|byte| byte.is_ascii_lowercase());
            if elsewhere || self.namespaces.contains(&space.to_lowercase().replace('_', " ")) {
                return None;
            }
        }
        let first = title.chars().next().filter(|first| *first != '#')?;
        let rest = &title[first.len_utf8()..];
        let capital: String = first.to_uppercase().collect();
        Some(format!("{}{capital}{}", self.base, rest.replace('%', "%25").replace('?', "%3F")))
    }
}

fn attribute(tag: &quick_xml::events::BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    let mut out = String::new();
    let mut rest: &str = &attribute.value;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (reference, after) = after.split_once(';')?;
        let number = reference.strip_prefix('#').and_then(|number| number.parse().ok()).and_then(char::from_u32);
        out.extend(named(reference).or(number));
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The characters that XML has names for.
fn named(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}
