//! What an attempt saw at an address, without going there again.

use offseeker_trajectory::{NodeId, Trajectory};

use crate::rewards::turns::observations;

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
    let mut begins: Vec<(usize, &'u str)> =
        addresses.iter().filter_map(|address| Some((whole(text, address)?, *address))).collect();
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

/// Where an address stands as itself, rather than as the beginning of a longer one.
fn whole(text: &str, address: &str) -> Option<usize> {
    let longer = |c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '?' | '=' | '&' | '#' | '%' | '~');
    let mut hits = text.match_indices(address).map(|(at, _)| at);
    hits.find(|at| !text[at + address.len()..].starts_with(longer))
}
