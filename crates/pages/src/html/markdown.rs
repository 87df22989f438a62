//! Walks over a tree and says it to a writer of Markdown.

use std::collections::HashSet;

use dom_query::{NodeData, NodeId, NodeRef};
use url::Url;

use super::writer::Writer;
use crate::Link;

/// Elements that hold nothing to read.
const SILENT: &[&str] = &[
    "applet", "audio", "button", "canvas", "datalist", "embed", "head", "iframe", "input", "map", "noembed",
    "noframes", "noscript", "object", "option", "script", "select", "style", "svg", "template", "textarea", "title",
    "video",
];

/// Elements that stand around the text of a page.
const FRAME: &[&str] = &["aside", "footer", "nav"];

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "body",
    "center",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hgroup",
    "html",
    "legend",
    "main",
    "menu",
    "nav",
    "p",
    "section",
    "summary",
];

/// The most columns that a cell of a table is taken to cover.
const WIDEST: usize = 20;

/// What there is to read below a node, as Markdown without the addresses of links, and where its links lead.
pub(crate) fn markdown(root: NodeRef<'_>, base: Option<&Url>, framed: bool) -> (String, Vec<Link>) {
    let mut walk = Walk {
        writer: Writer::default(),
        base,
        framed,
        data_tables: data_tables(&root),
        links: Vec::new(),
        open_links: Vec::new(),
    };
    let mut node = root;
    'walk: loop {
        if walk.enter(&node)
            && let Some(child) = node.first_child()
        {
            node = child;
            continue;
        }
        loop {
            if node.is_element() {
                walk.leave(&node);
            }
            if node.id == root.id {
                break 'walk;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { break 'walk };
            node = parent;
        }
    }
    (walk.writer.finish(), walk.links)
}

/// The tables that hold data: those that no table is in, of more than one column and row.
fn data_tables(root: &NodeRef<'_>) -> HashSet<NodeId> {
    let mut seen: Vec<(NodeId, usize, usize)> = Vec::new();
    let mut closed = Vec::new();
    let mut found = HashSet::new();
    let mut outer = HashSet::new();
    for node in root.descendants_it() {
        match name_of(&node).as_deref() {
            Some("table") => {
                while let Some(&(last, ..)) = seen.last() {
                    if node.ancestors_it(None).any(|ancestor| ancestor.id == last) {
                        outer.insert(last);
                        break;
                    }
                    closed.extend(seen.pop());
                }
                seen.push((node.id, 0, 0));
            }
            Some("tr") => {
                if let Some((_, rows, _)) = seen.last_mut() {
                    *rows += 1;
                }
            }
            Some("td" | "th") => {
                if let Some((_, _, cells)) = seen.last_mut() {
                    *cells += 1;
                }
            }
            _ => {}
        }
    }
    for (id, rows, cells) in closed.into_iter().chain(seen) {
        if rows > 1 && cells > rows && !outer.contains(&id) {
            found.insert(id);
        }
    }
    found
}

struct Walk<'a> {
    writer: Writer,
    base: Option<&'a Url>,
    /// Whether what stands around the text is read too.
    framed: bool,
    data_tables: HashSet<NodeId>,
    links: Vec<Link>,
    /// The links that are open, with where their words began.
    open_links: Vec<(NodeId, usize)>,
}

impl Walk<'_> {
    /// Begins a node and says whether to go into it.
    fn enter(&mut self, node: &NodeRef<'_>) -> bool {
        let Some(name) = name_of(node) else {
            node.query(|node| {
                if let NodeData::Text { contents } = &node.data {
                    self.writer.text(contents);
                }
            });
            return !node.is_text();
        };
        let name = name.as_str();
        if SILENT.contains(&name) || (!self.framed && is_frame(node, name)) || is_hidden(node) {
            return false;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.writer.heading(usize::from(name.as_bytes()[1] - b'0')),
            "br" => self.writer.line_break(),
            "wbr" => {}
            "hr" => self.writer.rule(),
            "ul" => self.writer.list(None),
            "ol" => self.writer.list(Some(number(node, "start").unwrap_or(1))),
            "li" => self.writer.item(),
            "dt" => self.writer.line(),
            "dd" => self.writer.definition(),
            "blockquote" => self.writer.quote(),
            "pre" => self.writer.code_block(language(node).as_deref().unwrap_or_default()),
            "code" | "kbd" | "samp" | "tt" => self.writer.code(true),
            "sup" => self.writer.raise(),
            "q" => self.writer.text("“"),
            "img" => self.image(node),
            "math" => return self.formula(node),
            "a" => self.open_links.push((node.id, self.writer.note())),
            "table" if self.data_tables.contains(&node.id) => self.writer.table(),
            "tr" if self.in_data(node) => self.writer.row(),
            "td" | "th" if self.in_data(node) => {
                let span = |attribute| number(node, attribute).unwrap_or(1).clamp(1, WIDEST);
                self.writer.cell(span("colspan"), number(node, "rowspan").unwrap_or(1));
            }
            "table" | "caption" => self.writer.block(),
            "tr" | "td" | "th" => self.writer.line(),
            _ if BLOCKS.contains(&name) => self.writer.block(),
            _ => {}
        }
        true
    }

    /// Ends an element.
    fn leave(&mut self, node: &NodeRef<'_>) {
        let Some(name) = name_of(node) else { return };
        let name = name.as_str();
        if SILENT.contains(&name) || (!self.framed && is_frame(node, name)) || is_hidden(node) {
            return;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.writer.end_heading(),
            "ul" | "ol" => self.writer.end_list(),
            "li" => self.writer.end_item(),
            "dt" => self.writer.line(),
            "dd" => self.writer.end_item(),
            "blockquote" => self.writer.end_quote(),
            "pre" => self.writer.end_code_block(),
            "code" | "kbd" | "samp" | "tt" => self.writer.code(false),
            "q" => self.writer.text("”"),
            "a" => self.end_link(node),
            "table" if self.data_tables.contains(&node.id) => self.writer.end_table(),
            "tr" if self.in_data(node) => {}
            "td" | "th" if self.in_data(node) => self.writer.end_cell(),
            "table" | "caption" => self.writer.block(),
            "tr" | "td" | "th" => self.writer.line(),
            _ if BLOCKS.contains(&name) => self.writer.block(),
            _ => {}
        }
    }

    /// Whether a row or a cell belongs to a table that holds data.
    fn in_data(&self, node: &NodeRef<'_>) -> bool {
        let is_table = |node: &NodeRef<'_>| node.has_name("table");
        node.ancestors_it(Some(4)).find(is_table).is_some_and(|table| self.data_tables.contains(&table.id))
    }

    fn end_link(&mut self, node: &NodeRef<'_>) {
        let Some((id, from)) = self.open_links.pop() else { return };
        let text = self.writer.noted(from);
        if id != node.id || text.is_empty() {
            return;
        }
        if let Some(url) = node.attr("href").and_then(|href| absolute(&href, self.base)) {
            self.links.push(Link { text, url });
        }
    }

    /// An image is not read, unless it stands for a formula.
    fn image(&mut self, node: &NodeRef<'_>) {
        if let Some(alt) = node.attr("alt").filter(|alt| alt.contains('\\')) {
            self.writer.text(" $");
            self.writer.text(&alt);
            self.writer.text("$ ");
        }
    }

    /// A formula is read as its author wrote it where the page says so.
    fn formula(&mut self, node: &NodeRef<'_>) -> bool {
        let Some(alt) = node.attr("alttext").filter(|alt| !alt.trim().is_empty()) else { return true };
        self.writer.text("$");
        self.writer.text(&alt);
        self.writer.text("$");
        false
    }
}

pub(crate) fn name_of(node: &NodeRef<'_>) -> Option<String> {
    node.qual_name_ref().map(|name| name.local.to_string())
}

/// Whether an element stands around the text: what an article holds itself belongs to it.
fn is_frame(node: &NodeRef<'_>, name: &str) -> bool {
    let navigates = || matches!(node.attr("role").as_deref(), Some("navigation" | "banner" | "contentinfo"));
    (FRAME.contains(&name) || navigates())
        && !node.ancestors_it(None).any(|above| above.has_name("article") || above.has_name("main"))
}

fn is_hidden(node: &NodeRef<'_>) -> bool {
    let shut = |style: &str| style.to_ascii_lowercase().split_whitespace().collect::<String>().contains("display:none");
    node.query_or(false, |node| {
        node.as_element().is_some_and(|element| {
            element.attrs.iter().any(|attribute| match &*attribute.name.local {
                "hidden" => &*attribute.value != "until-found",
                "aria-hidden" => attribute.value.eq_ignore_ascii_case("true"),
                "style" => attribute.value.len() < 4_096 && shut(&attribute.value),
                _ => false,
            })
        })
    })
}

fn number(node: &NodeRef<'_>, attribute: &str) -> Option<usize> {
    node.attr(attribute)?.trim().parse().ok()
}

/// The language of a block of code, as its class or that of what is around or in it says.
fn language(node: &NodeRef<'_>) -> Option<String> {
    let inner = node.first_element_child().filter(|child| child.has_name("code"));
    [inner, Some(*node), node.parent()].into_iter().flatten().find_map(|node| {
        let class = node.attr("class")?;
        let language = class.split_whitespace().find_map(|class| {
            ["language-", "lang-", "highlight-source-", "brush:"].iter().find_map(|prefix| class.strip_prefix(prefix))
        })?;
        let plain = |char: char| char.is_ascii_alphanumeric() || "+-#_.".contains(char);
        (language.len() <= 20 && language.chars().all(plain)).then(|| language.to_owned())
    })
}

/// The whole address of a link that leads to another page.
pub(crate) fn absolute(href: &str, base: Option<&Url>) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = Url::options().base_url(base).parse(href).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}
