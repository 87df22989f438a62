//! Which names stand in a text.

use std::collections::HashMap;
use std::ops::Range;

use offseeker_entity_graph::{GraphError, Node, PackedGraph, key};
use offseeker_pages::words;

/// All names of all entities of a graph as sequences of words, by their first words.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, Vec<(Vec<String>, Node)>>);

/// The words by which texts and names are compared: case, marks and punctuation do not count, and where a script writes
/// no spaces each character is a word.
pub(crate) fn compared(text: &str) -> Vec<String> {
    words(&key(text)).collect()
}

/// Where a sequence of words stands in a text.
pub(crate) fn places(text: &[String], name: &[String]) -> Vec<Range<usize>> {
    if name.is_empty() || name.len() > text.len() {
        return Vec::new();
    }
    let starts = (0..=text.len() - name.len()).filter(|at| text[*at..].starts_with(name));
    starts.map(|at| at..at + name.len()).collect()
}

/// Whether a text names something.
pub(crate) fn speaks_of<'a>(text: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
    let text = compared(text);
    names.any(|name| !places(&text, &compared(name)).is_empty())
}

impl Names {
    /// Reads the names of a graph. One of a single letter, digit or character is not taken for a name.
    pub(crate) fn of(graph: &PackedGraph) -> Result<Self, GraphError> {
        let mut names = Self::default();
        for node in graph.nodes() {
            for name in graph.entity(node)?.names() {
                let name = compared(name);
                if name.iter().map(|word| word.chars().count()).sum::<usize>() > 1 {
                    names.0.entry(name[0].clone()).or_default().push((name, node));
                }
            }
        }
        Ok(names)
    }

    /// The names that stand in a text, and where.
    pub(crate) fn within<'a>(&'a self, text: &'a [String]) -> impl Iterator<Item = (Range<usize>, Node)> {
        text.iter().enumerate().flat_map(move |(at, first)| {
            let candidates = self.0.get(first).map_or(&[][..], Vec::as_slice);
            let here = candidates.iter().filter(move |(name, _)| text[at..].starts_with(name));
            here.map(move |(name, node)| (at..at + name.len(), *node))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;
    use offseeker_entity_graph::{Entity, EntityGraph, EntityId};

    #[test]
    fn names_are_found_as_whole_words() {
        check("Which mill stands at KARLIN’S gate?", &[]);
        check("The karlin-mill and the sea", &["Karlin mill"]);
        check("卡林磨坊在哪条河上？", &["卡林"]);
        check("Château d'If, a castle", &["Chateau dIf"]);
        check("a X", &[]);
    }

    fn check(text: &str, expected: &[&str]) {
        let mut graph = EntityGraph::new();
        for (at, name) in ["Karlin mill", "卡林", "Chateau dIf", "X", "Karlin"].into_iter().enumerate() {
            graph.add(Entity::new(EntityId::from_u128(at as u128), name));
        }
        graph.entities.pop();
        let packed = PackedGraph::of(&graph).unwrap();
        let names = Names::of(&packed).unwrap();
        let text = compared(text);
        let found: Vec<&str> = names.within(&text).map(|(_, node)| packed.name(node)).collect();
        assert_eq!(found, expected, "{text:?}");
    }
}
