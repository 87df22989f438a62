//! A drawing of a small graph, which a browser shows.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::f64::consts::TAU;
use std::io::{self, Write};

use super::xml::escaped;
use crate::{Entity, EntityGraph, EntityId, GraphError};

/// How far rings are apart, at least.
const RING: f64 = 190.0;

/// How much of a ring an entity needs.
const ROOM: f64 = 150.0;

/// Room for names around the outermost ring.
const MARGIN: f64 = 130.0;

/// The most kinds of relations that are named on a line.
const MOST_KINDS: usize = 3;

/// The colours of kinds, in the order in which kinds are met.
const COLOURS: [&str; 8] = ["#4c78a8", "#f58518", "#54a24b", "#b279a2", "#e45756", "#72b7b2", "#9d755d", "#8c8c8c"];

/// Writes a graph as a drawing in SVG: the first entity in the middle, and what is related to it around it in rings.
///
/// It is meant for what a person can look at, a few dozen entities. Facts are shown where the pointer rests.
///
/// # Errors
///
/// When `out` does not take it.
pub fn write_svg(graph: &EntityGraph, mut out: impl Write) -> Result<(), GraphError> {
    svg(graph, &mut out).and_then(|()| out.flush()).map_err(GraphError::write)
}

fn svg(graph: &EntityGraph, out: &mut impl Write) -> io::Result<()> {
    let tree = Tree::of(graph);
    let places = tree.places();
    let reach = places.iter().map(|(x, y)| x.abs().max(y.abs())).fold(0.0, f64::max) + MARGIN;
    let side = 2.0 * reach;
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{side:.0}" height="{side:.0}" viewBox="{:.0} {:.0} {side:.0} {side:.0}" font-family="sans-serif">"#,
        -reach, -reach
    )?;
    writeln!(
        out,
        r##"<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#999"/></marker></defs>"##
    )?;
    writeln!(out, r##"<rect x="{:.0}" y="{:.0}" width="{side:.0}" height="{side:.0}" fill="#fff"/>"##, -reach, -reach)?;
    for ((from, to), kinds) in &relations(graph, &tree.numbers) {
        line(out, places[*from], places[*to], &counted(kinds))?;
    }
    let mut colours: HashMap<&str, &str> = HashMap::new();
    for (entity, place) in graph.entities.iter().zip(&places) {
        let next = COLOURS[colours.len() % COLOURS.len()];
        let colour = colours.entry(&entity.kind).or_insert(next);
        circle(out, graph, entity, *place, colour)?;
    }
    writeln!(out, "</svg>")
}

/// Kinds of relations, and how often each is there.
type Kinds<'a> = BTreeMap<&'a str, usize>;

/// The first kinds, those that are there more than once with their number.
fn counted(kinds: &Kinds<'_>) -> String {
    let said = kinds.iter().take(MOST_KINDS).map(|(kind, count)| match count {
        1 => (*kind).to_owned(),
        _ => format!("{kind} ×{count}"),
    });
    let rest = kinds.len().saturating_sub(MOST_KINDS);
    said.chain((rest > 0).then(|| format!("{rest} more"))).collect::<Vec<_>>().join(", ")
}

/// The kinds of relations between each two entities; loops are left out.
fn relations<'a>(graph: &'a EntityGraph, numbers: &HashMap<EntityId, usize>) -> BTreeMap<(usize, usize), Kinds<'a>> {
    let mut relations: BTreeMap<(usize, usize), Kinds<'_>> = BTreeMap::new();
    for relation in &graph.relations {
        let (Some(from), Some(to)) = (numbers.get(&relation.from), numbers.get(&relation.to)) else { continue };
        if from != to {
            *relations.entry((*from, *to)).or_default().entry(&relation.kind).or_default() += 1;
        }
    }
    relations
}

fn line(out: &mut impl Write, from: (f64, f64), to: (f64, f64), text: &str) -> io::Result<()> {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length = x.hypot(y).max(1.0);
    // It ends where the circle of the other entity begins.
    let end = (to.0 - 13.0 * x / length, to.1 - 13.0 * y / length);
    writeln!(
        out,
        r##"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="#999" marker-end="url(#end)"/>"##,
        from.0, from.1, end.0, end.1
    )?;
    // Nearer to where it begins, so that the words of a relation there and one back do not cover each other.
    let middle = (from.0 + 0.42 * x, from.1 + 0.42 * y);
    label(out, (middle.0, middle.1 - 3.0), 10, "#666", text)
}

fn circle(
    out: &mut impl Write,
    graph: &EntityGraph,
    entity: &Entity,
    (x, y): (f64, f64),
    colour: &str,
) -> io::Result<()> {
    let facts: Vec<&str> = graph.facts_of(entity.id).map(|fact| fact.text.as_str()).collect();
    let title = if facts.is_empty() { entity.description.clone() } else { facts.join("\n") };
    writeln!(
        out,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="11" fill="{colour}"><title>{}</title></circle>"#,
        escaped(&title)
    )?;
    label(out, (x, y - 16.0), 13, "#222", &entity.name)?;
    label(out, (x, y + 24.0), 10, colour, &entity.kind)
}

fn label(out: &mut impl Write, (x, y): (f64, f64), size: u32, colour: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        r##"<text x="{x:.1}" y="{y:.1}" font-size="{size}" fill="{colour}" text-anchor="middle" stroke="#fff" stroke-width="3" paint-order="stroke">{}</text>"##,
        escaped(text)
    )
}

/// Who is drawn around whom.
struct Tree {
    numbers: HashMap<EntityId, usize>,
    /// The entities around each.
    children: Vec<Vec<usize>>,
    /// The middle, and what no relation leads to from there.
    roots: Vec<usize>,
}

impl Tree {
    fn of(graph: &EntityGraph) -> Self {
        let count = graph.entities.len();
        let numbers: HashMap<EntityId, usize> =
            graph.entities.iter().enumerate().map(|(number, entity)| (entity.id, number)).collect();
        let mut related = vec![Vec::new(); count];
        for (from, to) in relations(graph, &numbers).into_keys() {
            related[from].push(to);
            related[to].push(from);
        }
        let (mut children, mut roots, mut is_placed) = (vec![Vec::new(); count], Vec::new(), vec![false; count]);
        for root in 0..count {
            if is_placed[root] {
                continue;
            }
            roots.push(root);
            is_placed[root] = true;
            let mut open = VecDeque::from([root]);
            while let Some(at) = open.pop_front() {
                for to in &related[at] {
                    if !is_placed[*to] {
                        is_placed[*to] = true;
                        children[at].push(*to);
                        open.push_back(*to);
                    }
                }
            }
        }
        Self { numbers, children, roots }
    }

    /// Where each entity is drawn: in a ring for each step from the middle, in the part of it that belongs to the one
    /// before it, by how many leaves it has.
    fn places(&self) -> Vec<(f64, f64)> {
        let Some((middle, apart)) = self.roots.split_first() else { return Vec::new() };
        let order = self.order();
        let mut leaves = vec![1_usize; self.children.len()];
        for at in order.iter().rev() {
            let below: usize = self.children[*at].iter().map(|child| leaves[*child]).sum();
            leaves[*at] = below.max(1);
        }
        let ring = RING.max(leaves[*middle] as f64 * ROOM / TAU);
        let mut places = vec![(0.0, 0.0); self.children.len()];
        // Of each entity the ring and the part of the ring, as a share of it.
        let mut parts = vec![(0_usize, 0.0, 1.0); self.children.len()];
        let all: usize = apart.iter().map(|root| leaves[*root]).sum::<usize>() + leaves[*middle];
        let mut from = leaves[*middle] as f64 / all as f64;
        parts[*middle] = (0, 0.0, from);
        for root in apart {
            let share = leaves[*root] as f64 / all as f64;
            parts[*root] = (1, from, share);
            from += share;
        }
        for at in order {
            let (depth, from, share) = parts[at];
            let angle = TAU * (from + share / 2.0) - TAU / 4.0;
            places[at] = (depth as f64 * ring * angle.cos(), depth as f64 * ring * angle.sin());
            let mut begin = from;
            for child in &self.children[at] {
                let part = share * leaves[*child] as f64 / leaves[at] as f64;
                parts[*child] = (depth + 1, begin, part);
                begin += part;
            }
        }
        places
    }

    /// All entities, each after the one it is drawn around.
    fn order(&self) -> Vec<usize> {
        let mut order = self.roots.clone();
        let mut at = 0;
        while let Some(next) = order.get(at).copied() {
            order.extend(&self.children[next]);
            at += 1;
        }
        order
    }
}
