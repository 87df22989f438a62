//! What an attempt saw at an address, without going there again.

use offseeker_trajectory::{NodeId, Trajectory};

use crate::rewards::turns::observations;

/// How many occurrences of an address are looked at.
const MOST_TRIED: usize = 64;

/// How many bytes before an address say what kind of place it stands at.
const LEAD: usize = 10;

/// How many bytes before an address are looked at for brackets that end there.
const LONGEST_TITLE: usize = 512;

/// An address without what stands in front of it: `view-source:`, a reading service.
pub(crate) fn bare(address: &str) -> &str {
    let mut address = address.trim();
    loop {
        let services = ["https://r.jina.ai/", "http://r.jina.ai/"];
        let service = services.iter().find_map(|service| address.strip_prefix(service));
        let inner = service.filter(|inner| inner.starts_with("http://") || inner.starts_with("https://"));
        match address.strip_prefix("view-source:").or(inner) {
            Some(rest) => address = rest,
            None => return address,
        }
    }
}

/// What an attempt saw at each address.
pub(crate) struct Seen<'a> {
    passages: Vec<(String, NodeId, &'a str)>,
}

impl<'a> Seen<'a> {
    /// What the observations of an attempt show, by the sources that they name.
    ///
    /// Of an observation that shows several places, such as a list of hits, each place has the part from where its address
    /// stands to where that of another does.
    pub(crate) fn by(attempt: &'a Trajectory) -> Self {
        let mut passages = Vec::new();
        for (node, observed, text) in observations(attempt) {
            match observed.sources.as_slice() {
                [] => {}
                [only] => passages.push((bare(&only.url).to_owned(), node, text)),
                several => {
                    let addresses: Vec<&str> = several.iter().map(|source| source.url.as_str()).collect();
                    let parts = divided(text, &addresses);
                    passages.extend(parts.into_iter().map(|(address, part)| (bare(address).to_owned(), node, part)));
                }
            }
        }
        Self { passages }
    }

    /// What was seen at an address, in the order in which it was.
    pub(crate) fn at(&self, address: &str) -> impl Iterator<Item = (NodeId, &'a str)> {
        let wanted = bare(address).trim_end_matches('/').to_owned();
        self.passages
            .iter()
            .filter(move |(seen, ..)| seen.trim_end_matches('/') == wanted)
            .map(|(_, node, text)| (*node, *text))
    }
}

/// The part of a text that belongs to each address: from the line in which it first stands to the next one's.
fn divided<'t, 'u>(text: &'t str, addresses: &[&'u str]) -> Vec<(&'u str, &'t str)> {
    let mut like = None;
    let mut begins: Vec<(usize, &'u str)> = Vec::new();
    for address in addresses {
        let Some(at) = place(text, address, like.as_deref()) else { continue };
        like.get_or_insert_with(|| lead(text, at));
        begins.push((at, address));
    }
    begins.sort_unstable();
    begins.dedup_by_key(|(_, address)| *address);
    let mut parts = Vec::new();
    let mut from = 0;
    for (nth, (at, address)) in begins.iter().enumerate() {
        let begin = line_begin(text, *at).max(from);
        let end = begins.get(nth + 1).map_or(text.len(), |(next, _)| {
            let line = line_begin(text, *next);
            if line > *at { line } else { *next }
        });
        parts.push((*address, &text[begin..end]));
        from = end;
    }
    parts
}

fn line_begin(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |line| line + 1)
}

/// Where the part of an address begins: where it stands behind what the first one stands behind, else where it stands at
/// all. So a link within one page is not taken for the beginning of another.
fn place(text: &str, address: &str, like: Option<&str>) -> Option<usize> {
    let alike = like.and_then(|like| occurrences(text, address).take(MOST_TRIED).find(|at| lead(text, *at) == like));
    alike.or_else(|| occurrences(text, address).next())
}

/// Where an address stands as itself, rather than as the beginning of a longer one.
fn occurrences(text: &str, address: &str) -> impl Iterator<Item = usize> {
    let length = address.len();
    text.match_indices(address).map(|(at, _)| at).filter(move |at| !goes_on(&text[at + length..]))
}

/// Whether an address goes on with this text: marks that may end a sentence belong to it only where more follows.
fn goes_on(rest: &str) -> bool {
    let within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '=' | '&' | '#' | '%' | '~');
    rest.trim_start_matches(['.', ':', '?']).starts_with(within)
}

/// What stands right before a place in its line, without numbers and without what is in brackets, such as a title.
fn lead(text: &str, at: usize) -> String {
    let from = line_begin(text, at).max(text.ceil_char_boundary(at.saturating_sub(LONGEST_TITLE)));
    let line = &text[from..at];
    let mut lead = String::new();
    let mut depth = 0_u32;
    for c in line.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_numeric() => {}
            _ => lead.push(c),
        }
    }
    lead.split_off(lead.floor_char_boundary(lead.len().saturating_sub(LEAD)))
}
