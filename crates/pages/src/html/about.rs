//! What a page says of itself: title, date, language, base.

use dom_query::{Document, NodeRef};
use serde_json::Value;

/// The longest title, in characters; what goes on longer is no title.
const LONGEST_TITLE: usize = 500;

/// The longest JSON-LD that is looked at, in bytes, and how many of its nodes are.
const LONGEST_DATA: usize = 1 << 20;
const MOST_NODES: usize = 10_000;

/// The names under which pages say when they were written, most reliable first.
const DATES: &[&str] = &[
    "article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "sailthru.date",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "publish_date",
    "publication_date",
    "date",
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
];

/// What a page says of itself.
#[derive(Debug, Default)]
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) date: Option<String>,
    pub(crate) language: Option<String>,
    /// What the addresses of its links are relative to.
    pub(crate) base: Option<String>,
}

impl About {
    /// Looks for what a page says of itself.
    pub(crate) fn of(document: &Document) -> Self {
        let mut found = Found::default();
        for node in document.root().descendants_it() {
            found.look_at(&node);
        }
        let first = |texts: [Option<String>; 3]| texts.into_iter().flatten().find(|text| !text.is_empty());
        Self {
            title: first([found.title, found.og_title, found.heading]).unwrap_or_default(),
            date: found.dates.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, date)| date),
            language: first([found.language, found.meta_language, found.locale]),
            base: found.base,
        }
    }
}

#[derive(Default)]
struct Found {
    title: Option<String>,
    og_title: Option<String>,
    heading: Option<String>,
    /// The dates, each with how far behind its kind stands.
    dates: Vec<(usize, String)>,
    language: Option<String>,
    meta_language: Option<String>,
    locale: Option<String>,
    base: Option<String>,
}

impl Found {
    fn look_at(&mut self, node: &NodeRef<'_>) {
        let Some(name) = node.qual_name_ref() else { return };
        match &*name.local {
            "html" => set(&mut self.language, language(node.attr("lang").or_else(|| node.attr("xml:lang")).as_deref())),
            "title" if self.title.is_none() && !is_in_drawing(node) => self.title = line(&node.text()),
            "h1" if self.heading.is_none() => self.heading = line(&node.text()),
            "base" => set(&mut self.base, node.attr("href").map(|href| href.to_string())),
            "meta" => self.meta(node),
            "time" => {
                let published = node.has_attr("pubdate") || node.attr("itemprop").as_deref() == Some("datePublished");
                self.date(if published { 2 } else { DATES.len() + 2 }, node.attr("datetime").as_deref());
            }
            "script" if node.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) => {
                self.linked_data(&node.text());
            }
            _ => {}
        }
    }

    fn meta(&mut self, node: &NodeRef<'_>) {
        let Some(content) = node.attr("content") else { return };
        for name in ["property", "name", "itemprop", "http-equiv"].iter().filter_map(|key| node.attr(key)) {
            let name = name.trim().to_ascii_lowercase();
            match name.as_str() {
                "og:title" | "twitter:title" | "citation_title" => set(&mut self.og_title, line(&content)),
                "og:locale" => set(&mut self.locale, language(Some(&content.replace('_', "-")))),
                "content-language" | "language" | "dc.language" => {
                    set(&mut self.meta_language, language(Some(&content)));
                }
                _ => {
                    if let Some(rank) = DATES.iter().position(|date| *date == name) {
                        self.date(if rank == 0 { 0 } else { rank + 2 }, Some(&content));
                    }
                }
            }
        }
    }

    /// Dates in JSON-LD; data that cannot be read says nothing.
    fn linked_data(&mut self, text: &str) {
        let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->");
        if text.len() > LONGEST_DATA {
            return;
        }
        let Ok(data) = serde_json::from_str::<Value>(text) else { return };
        let mut open = vec![&data];
        let mut published = None;
        let mut modified = None;
        for _ in 0..MOST_NODES {
            match open.pop() {
                Some(Value::Array(values)) => open.extend(values.iter().rev()),
                Some(Value::Object(fields)) => {
                    published = published.or_else(|| fields.get("datePublished")?.as_str());
                    modified = modified.or_else(|| fields.get("dateModified")?.as_str());
                    open.extend(fields.values().rev().filter(|value| value.is_array() || value.is_object()));
                }
                Some(_) => {}
                None => break,
            }
        }
        self.date(1, published);
        self.date(DATES.len() + 1, modified);
    }

    /// Notes a date if it is one: it begins with a year, a month and a day, or is short and has a year.
    fn date(&mut self, rank: usize, text: Option<&str>) {
        let Some(text) = text.map(str::trim) else { return };
        let year = text.split(|char: char| !char.is_ascii_digit()).any(|run| matches!(run.len(), 4 | 8 | 14));
        if year && text.len() <= 40 {
            self.dates.push((rank, text.to_owned()));
        }
    }
}

fn set(place: &mut Option<String>, found: Option<String>) {
    if place.is_none() {
        *place = found;
    }
}

/// A drawing within a page has a title of its own.
fn is_in_drawing(node: &NodeRef<'_>) -> bool {
    node.parent().is_some_and(|parent| !parent.has_name("head") && !parent.has_name("body") && !parent.has_name("html"))
}

/// A text as one line.
fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line.chars().take(LONGEST_TITLE).collect()).filter(|line: &String| !line.is_empty())
}

/// A language as it is named: `en`, `zh-CN`.
fn language(text: Option<&str>) -> Option<String> {
    let text = text?.split(',').next()?.trim();
    let plain = text.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
    let named = text.chars().take_while(char::is_ascii_alphabetic).count();
    (plain && (2..=8).contains(&named) && text.len() <= 35).then(|| text.to_owned())
}
