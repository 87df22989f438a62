//! DOT, which Graphviz draws.

use std::io::{self, Write};

use crate::{EntityGraph, GraphError};

/// Writes a graph as DOT: entities are nodes with their names, relations are edges with their kinds.
///
/// # Errors
///
/// When `out` does not take it.
pub fn write_dot(graph: &EntityGraph, mut out: impl Write) -> Result<(), GraphError> {
    dot(graph, &mut out).and_then(|()| out.flush()).map_err(GraphError::write)
}

fn dot(graph: &EntityGraph, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "digraph {{\n  node [shape=box, style=rounded];")?;
    for entity in &graph.entities {
        let kind = if entity.kind.is_empty() { String::new() } else { format!("\\n({})", escaped(&entity.kind)) };
        writeln!(out, r#"  "{}" [label="{}{kind}"];"#, entity.id, escaped(&entity.name))?;
    }
    for relation in &graph.relations {
        writeln!(out, r#"  "{}" -> "{}" [label="{}"];"#, relation.from, relation.to, escaped(&relation.kind))?;
    }
    writeln!(out, "}}")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            _ if char.is_control() => out.push(' '),
            _ => out.push(char),
        }
    }
    out
}
