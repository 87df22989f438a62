//! What a plan rests on, with everything named.

use offseeker_entity_graph::{EntityId, Evidence, GraphError, Node};

use crate::{Ask, Constraint, Ground, Plan, Term};

/// What a plan rests on, with everything named, one statement or quote a line.
pub(crate) fn statements(ground: &Ground, plan: &Plan) -> Result<String, GraphError> {
    let mut lines = Lines::default();
    for clue in &plan.clues {
        match &clue.says {
            Constraint::Relation { from, kind, to } => {
                if matches!(plan.ask, Ask::Count { of } if clue.says.is_about(of)) {
                    lines.counted(ground, plan, &clue.says)?;
                } else {
                    lines.push(&format!("{} - {kind} - {}", named(ground, plan, from), named(ground, plan, to)));
                }
            }
            Constraint::Field { of, field, .. } => lines.field(ground, plan, of, field)?,
            Constraint::Kind { of, kind } => lines.push(&format!("{} - is a - {kind}", named(ground, plan, of))),
        }
        lines.push(&clue.text);
        lines.quotes(&clue.evidence);
    }
    if let Ask::Value { field, .. } | Ask::Extreme { field, .. } = &plan.ask {
        for of in plan.ask.variables() {
            lines.field(ground, plan, &of.into(), field)?;
        }
    }
    Ok(lines.0.join("\n"))
}

/// What is written about an entity, one statement or quote a line.
pub(crate) fn statements_about(ground: &Ground, node: Node) -> Result<String, GraphError> {
    /// Of an entity with more relations only so many are told.
    const MOST: usize = 64;
    let graph = ground.graph();
    let mut lines = Lines::default();
    for fact in graph.facts(node)? {
        lines.push(&fact.text);
        lines.quotes(&fact.evidence);
    }
    for edge in graph.outgoing(node).take(MOST).chain(graph.incoming(node).take(MOST)) {
        let relation = graph.relation(edge)?;
        let (from, to) = (graph.name(graph.source(edge)), graph.name(graph.target(edge)));
        lines.push(&format!("{from} - {} - {to}", relation.kind));
        lines.quotes(&relation.evidence);
    }
    Ok(lines.0.join("\n"))
}

/// Lines of which each is there once.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn push(&mut self, line: &str) {
        let line = line.trim();
        if !line.is_empty() && !self.0.iter().any(|there| there == line) {
            self.0.push(line.to_owned());
        }
    }

    fn quotes(&mut self, evidence: &[Evidence]) {
        for evidence in evidence {
            self.push(&format!("{} ({})", evidence.quote.trim(), evidence.url));
        }
    }

    fn field(&mut self, ground: &Ground, plan: &Plan, of: &Term, field: &str) -> Result<(), GraphError> {
        let Some(node) = id(plan, of).and_then(|id| ground.graph().node(id)) else { return Ok(()) };
        for fact in ground.graph().facts(node)?.into_iter().filter(|fact| fact.field == field) {
            self.push(&format!("{} - {field} - {}", ground.graph().name(node), fact.value));
            self.quotes(&fact.evidence);
        }
        Ok(())
    }

    /// The relations of all that are counted.
    fn counted(&mut self, ground: &Ground, plan: &Plan, says: &Constraint) -> Result<(), GraphError> {
        let (Constraint::Relation { from, kind, to }, Ask::Count { of }) = (says, &plan.ask) else { return Ok(()) };
        let graph = ground.graph();
        let outward = to.variable() == Some(*of);
        let anchor = if outward { from } else { to };
        let Some(anchor) = id(plan, anchor).and_then(|id| graph.node(id)) else { return Ok(()) };
        let edges: Vec<_> = if outward { graph.outgoing(anchor).collect() } else { graph.incoming(anchor).collect() };
        for edge in edges.into_iter().filter(|edge| graph.relation_kind(*edge) == kind) {
            self.push(&format!("{} - {kind} - {}", graph.name(graph.source(edge)), graph.name(graph.target(edge))));
            self.quotes(&graph.relation(edge)?.evidence);
        }
        Ok(())
    }
}

fn id(plan: &Plan, term: &Term) -> Option<EntityId> {
    match term {
        Term::Variable(variable) => plan.bindings.get(variable).copied(),
        Term::Constant { id, .. } => Some(*id),
    }
}

fn named(ground: &Ground, plan: &Plan, term: &Term) -> String {
    let node = id(plan, term).and_then(|id| ground.graph().node(id));
    node.map_or_else(|| term.formal(), |node| ground.graph().name(node).to_owned())
}
