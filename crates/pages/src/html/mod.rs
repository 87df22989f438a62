//! Reads HTML: its main text as Markdown, and what it says of itself.

mod about;
mod markdown;
mod table;
mod text;
mod tree;
mod writer;

#[cfg(test)]
mod tests;

pub use text::plain;

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_query::Document;
use dom_smoothie::{Config, Readability};
use url::Url;

use self::about::About;
use self::markdown::markdown;
use crate::{Link, Page, Reader};

pub(crate) use self::markdown::absolute;

/// An article is shorter than this only where the page is.
const SHORTEST_ARTICLE: usize = 250;

/// An article holds at least one part of this many of the page's text.
const SMALLEST_PART: usize = 4;

/// The most nodes for which the article is looked for.
const MOST_NODES: usize = 60_000;

/// The most work for which the article is looked for: each byte of text counts once for each element that it is in, and
/// each element as much as this many bytes.
const MOST_WORK: usize = 100_000_000;
const ELEMENT: usize = 32;

/// Reads HTML.
///
/// The main text is the article that the page holds, if it has at least 250 characters and a fourth of the page's text;
/// else it is the whole page without what stands around it: navigation, footers and asides. Where even that is empty, it
/// is all there is. A page whose tree is too deep or too large is read without one: as the text between its tags.
pub(crate) fn read(html: &str, url: &str, reader: &Reader) -> Page {
    let Some(document) = tree::parse(html, reader.deepest, reader.most_nodes) else {
        tracing::debug!(url, "the tree is too deep or too large; only the text between the tags is read");
        return Page::new(url, "", text::text_between_tags(html));
    };
    let about = About::of(&document);
    let own = Url::parse(url).ok();
    let base = about.base.as_deref().and_then(|base| Url::options().base_url(own.as_ref()).parse(base).ok()).or(own);
    let (text, links) = main_text(document, base.as_ref());
    Page { url: url.to_owned(), title: about.title, text, date: about.date, language: about.language, links }
}

fn main_text(document: Document, base: Option<&Url>) -> (String, Vec<Link>) {
    let root = document.tree.body().unwrap_or_else(|| document.root());
    let mut whole = markdown(root, base, false);
    if whole.0.is_empty() {
        whole = markdown(root, base, true);
    }
    if !is_easy(&document, whole.0.len()) {
        return whole;
    }
    match article(document, base) {
        Some(article) if is_enough(&article.0, &whole.0) => article,
        _ => whole,
    }
}

fn is_enough(article: &str, whole: &str) -> bool {
    let (article, whole) = (article.chars().count(), whole.chars().count());
    article >= SHORTEST_ARTICLE && article * SMALLEST_PART >= whole
}

/// Whether the search for the article will come to an end soon.
fn is_easy(document: &Document, length: usize) -> bool {
    if length < SHORTEST_ARTICLE || document.tree.len() > MOST_NODES {
        return false;
    }
    let (mut work, mut depth) = (0, 0_usize);
    let mut node = document.root();
    loop {
        work += depth
            * node.query_or(ELEMENT, |node| match &node.data {
                dom_query::NodeData::Text { contents } => contents.len(),
                _ => 1,
            });
        if work > MOST_WORK {
            return false;
        }
        if let Some(child) = node.first_child() {
            (node, depth) = (child, depth + 1);
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) if depth > 0 => (node, depth) = (parent, depth - 1),
                _ => return true,
            }
        }
    }
}

/// The article that a page holds, if it holds one.
fn article(document: Document, base: Option<&Url>) -> Option<(String, Vec<Link>)> {
    // The search goes by many rules over a tree that anyone may have written; a flaw in it must not end the program.
    let found = catch_unwind(AssertUnwindSafe(|| {
        let config = Config { keep_classes: true, disable_json_ld: true, ..Config::default() };
        let mut readability = Readability::with_document(document, None, Some(config)).ok()?;
        readability.parse().ok()?;
        Some(readability.doc)
    }));
    let document = found.ok().flatten()?;
    let root = document.select_single("#readability-page-1").nodes().first().copied()?;
    Some(markdown(root, base, true))
}
