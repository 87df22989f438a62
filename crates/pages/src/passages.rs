//! Chooses what to read of a long text.

use crate::{Ranking, estimate_tokens};

/// temporary
pub fn chunks(text: &str, size: usize, _overlap: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((at, _)) = rest.char_indices().nth(size) {
        parts.push(&rest[..at]);
        rest = &rest[at..];
    }
    parts.push(rest);
    parts
}

/// temporary
pub fn extract(text: &str, query: &str, tokens: usize) -> String {
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    let mut taken = Vec::new();
    let mut used = 0;
    for (place, _) in Ranking::of(&paragraphs).best(query, usize::MAX) {
        used += estimate_tokens(paragraphs[place]);
        if used > tokens {
            break;
        }
        taken.push(place);
    }
    taken.sort_unstable();
    taken.iter().map(|place| paragraphs[*place]).collect::<Vec<_>>().join("\n\n")
}
