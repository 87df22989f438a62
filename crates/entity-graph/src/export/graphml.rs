//! GraphML, which Gephi, yEd, networkx and igraph read.

use std::collections::HashMap;
use std::io::{self, Write};

use super::xml::escaped;
use crate::{EntityGraph, EntityId, GraphError};

/// The attributes that nodes and edges have.
const KEYS: [(&str, &str); 9] = [
    ("node", "name"),
    ("node", "aliases"),
    ("node", "kind"),
    ("node", "language"),
    ("node", "description"),
    ("node", "facts"),
    ("edge", "relation"),
    ("edge", "text"),
    ("edge", "evidence"),
];

/// Writes a graph as GraphML: entities are nodes, relations are edges, facts and aliases are attributes, a line each.
///
/// Of the evidence the addresses are written.
///
/// # Errors
///
/// When `out` does not take it.
pub fn write_graphml(graph: &EntityGraph, mut out: impl Write) -> Result<(), GraphError> {
    graphml(graph, &mut out).and_then(|()| out.flush()).map_err(GraphError::write)
}

fn graphml(graph: &EntityGraph, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"#)?;
    for (of, name) in KEYS {
        writeln!(out, r#"<key id="{name}" for="{of}" attr.name="{name}" attr.type="string"/>"#)?;
    }
    writeln!(out, r#"<graph edgedefault="directed">"#)?;
    let mut facts: HashMap<EntityId, Vec<&str>> = HashMap::new();
    for fact in &graph.facts {
        facts.entry(fact.entity).or_default().push(&fact.text);
    }
    for entity in &graph.entities {
        writeln!(out, r#"<node id="{}">"#, entity.id)?;
        data(out, "name", &entity.name)?;
        data(out, "aliases", &entity.aliases.join("\n"))?;
        data(out, "kind", &entity.kind)?;
        data(out, "language", &entity.language)?;
        data(out, "description", &entity.description)?;
        data(out, "facts", &facts.get(&entity.id).map(|facts| facts.join("\n")).unwrap_or_default())?;
        writeln!(out, "</node>")?;
    }
    for relation in &graph.relations {
        writeln!(out, r#"<edge source="{}" target="{}">"#, relation.from, relation.to)?;
        data(out, "relation", &relation.kind)?;
        data(out, "text", &relation.text)?;
        let urls: Vec<&str> = relation.evidence.iter().map(|evidence| evidence.url.as_str()).collect();
        data(out, "evidence", &urls.join("\n"))?;
        writeln!(out, "</edge>")?;
    }
    writeln!(out, "</graph>\n</graphml>")
}

fn data(out: &mut impl Write, key: &str, text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { writeln!(out, r#"<data key="{key}">{}</data>"#, escaped(text)) }
}
