//! A page as lines with numbers.

use std::fmt::Write;
use std::sync::Arc;

use offseeker_pages::{Page, estimate_tokens};
use offseeker_search::Hit;
use offseeker_trajectory::{Source, View};

use super::session::source;
use crate::search::host;

/// What is shown under one cursor.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    pub(super) links: Vec<Link>,
    /// What an observation of it shows.
    shows: Shows,
}

#[derive(Debug)]
enum Shows {
    Page,
    Hits,
    Finds,
}

/// Where a link of a sheet leads.
#[derive(Debug, Clone)]
pub(super) enum Link {
    /// To an address.
    Url(String),
    /// To a line of a sheet that was shown.
    Line { sheet: Arc<Sheet>, line: usize },
}

impl Sheet {
    /// A page, with its links in a list at its end.
    pub(super) fn of(page: Page, width: usize) -> Self {
        let mut lines = wrap(&page.text, width);
        if !page.links.is_empty() {
            lines.extend([String::new(), "Links:".to_owned()]);
            lines.extend(
                page.links.iter().enumerate().map(|(number, link)| marked(number, &link.text, &host(&link.url))),
            );
        }
        let links = page.links.into_iter().map(|link| Link::Url(link.url)).collect();
        Self { url: page.url, title: page.title, lines, links, shows: Shows::Page }
    }

    /// The hits of a query, each a link.
    pub(super) fn of_hits(query: &str, hits: Vec<Hit>, width: usize) -> Self {
        let mut lines = Vec::new();
        for (number, hit) in hits.iter().enumerate() {
            lines.push(marked(number, &hit.title, &host(&hit.url)));
            lines.push(hit.url.clone());
            lines.extend(hit.date.as_ref().map(|date| format!("Date: {date}")));
            lines.extend(wrap(&hit.snippet, width));
            lines.push(String::new());
        }
        if hits.is_empty() {
            lines.push("Nothing was found. Use other or fewer words.".to_owned());
        }
        let links = hits.into_iter().map(|hit| Link::Url(hit.url)).collect();
        let title = format!("Results for \"{query}\"");
        Self { url: String::new(), title, lines, links, shows: Shows::Hits }
    }

    /// Where a pattern stands in another sheet, each place a link.
    pub(super) fn of_finds(pattern: &str, sheet: &Arc<Self>, most: usize) -> Self {
        let wanted = pattern.to_lowercase();
        let mut lines = Vec::new();
        let mut links = Vec::new();
        let mut count = 0;
        for (number, line) in sheet.lines.iter().enumerate() {
            if !line.to_lowercase().contains(&wanted) && !spans(sheet, number, &wanted) {
                continue;
            }
            count += 1;
            if links.len() < most {
                lines.push(format!("【{}†match at L{number}】", links.len()));
                lines.extend(sheet.lines.iter().skip(number).take(4).cloned());
                lines.push(String::new());
                links.push(Link::Line { sheet: sheet.clone(), line: number });
            }
        }
        if links.is_empty() {
            lines.push(format!("\"{pattern}\" is not on the page."));
        } else if count > links.len() {
            lines.push(format!("{} of {count} places are shown.", links.len()));
        }
        let title = format!("Places with \"{pattern}\" in \"{}\"", sheet.title);
        Self { url: sheet.url.clone(), title, lines, links, shows: Shows::Finds }
    }

    /// The part from a line on, with numbers; or words for the model where there is no such line.
    pub(super) fn view(&self, cursor: usize, line: i64, lines: i64, tokens: usize) -> Result<String, String> {
        let first = usize::try_from(line).unwrap_or(0);
        if first >= self.lines.len().max(1) {
            return Err(format!("\"{}\" has no line {first}; its last is {}.", self.title, self.lines.len() - 1));
        }
        let wanted = usize::try_from(lines).ok().filter(|lines| *lines > 0);
        let mut shown = String::new();
        let mut end = first;
        let mut used = 0;
        for text in &self.lines[first.min(self.lines.len())..] {
            used += estimate_tokens(text) + 2;
            if wanted.map_or(used > tokens && end > first, |wanted| end - first == wanted) {
                break;
            }
            let _ = write!(shown, "\nL{end}: {text}");
            end += 1;
        }
        let place = if self.url.is_empty() { String::new() } else { format!(" ({})", self.url) };
        let last = self.lines.len().saturating_sub(1);
        let head =
            format!("[{cursor}] {}{place}\n**lines {first} to {} of {last}**\n", self.title, end.max(first + 1) - 1);
        Ok(head + &shown)
    }

    /// The places that an observation of the sheet shows.
    pub(super) fn sources(&self) -> Vec<Source> {
        match self.shows {
            Shows::Page => vec![source(&self.url, View::Page)],
            Shows::Finds if self.links.is_empty() => Vec::new(),
            Shows::Finds => vec![source(&self.url, View::Find)],
            Shows::Hits => self
                .links
                .iter()
                .filter_map(|link| match link {
                    Link::Url(url) => Some(source(url, View::Snippet)),
                    Link::Line { .. } => None,
                })
                .collect(),
        }
    }
}

/// Whether a pattern begins in a line and ends in the next, where the page was broken into lines.
fn spans(sheet: &Sheet, number: usize, wanted: &str) -> bool {
    let (Some(line), Some(next)) = (sheet.lines.get(number), sheet.lines.get(number + 1)) else { return false };
    let next = next.to_lowercase();
    let joined = format!("{} {next}", line.to_lowercase());
    joined.contains(wanted) && !next.contains(wanted)
}

fn marked(number: usize, words: &str, host: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if host.is_empty() { format!("【{number}†{words}】") } else { format!("【{number}†{words}†{host}】") }
}

/// Breaks a text into lines of at most `width` characters, between words where there are any.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for long in text.lines() {
        let mut rest = long.trim_end();
        loop {
            let Some((limit, _)) = rest.char_indices().nth(width) else {
                lines.push(rest.to_owned());
                break;
            };
            let (end, next) = match rest[..limit].rfind(' ') {
                Some(space) if space > 0 => (space, space + 1),
                _ if rest[limit..].starts_with(' ') => (limit, limit + 1),
                _ => (limit, limit),
            };
            lines.push(rest[..end].to_owned());
            rest = &rest[next..];
        }
    }
    lines
}
