//! Triples as `WebShaper` formalises questions.

use std::collections::{HashMap, HashSet};

use crate::{EntityGraph, EntityId};

/// A graph as triples with variables (`V@X`) and constants (`C@Karlin`), as `WebShaper` formalises questions.
///
/// The entity that is asked for is `V@X`; those that may be named are constants; all others are `V@Y1`, `V@Y2` and so on,
/// in the order of the graph's entities. Facts that have a field give a triple too, with the value as a constant.
#[must_use]
pub fn web_shaper_triples(graph: &EntityGraph, target: EntityId, named: &HashSet<EntityId>) -> Vec<[String; 3]> {
    let mut terms: HashMap<EntityId, String> = HashMap::new();
    let mut variables = 0;
    for entity in &graph.entities {
        let term = if entity.id == target {
            "V@X".to_owned()
        } else if named.contains(&entity.id) {
            format!("C@{}", entity.name)
        } else {
            variables += 1;
            format!("V@Y{variables}")
        };
        terms.insert(entity.id, term);
    }
    let term = |id: EntityId| terms.get(&id).cloned().unwrap_or_else(|| format!("V@{id}"));
    let relations = graph.relations.iter().map(|it| [term(it.from), it.kind.clone(), term(it.to)]);
    let with_field = graph.facts.iter().filter(|fact| !fact.field.is_empty());
    relations.chain(with_field.map(|it| [term(it.entity), it.field.clone(), format!("C@{}", it.value)])).collect()
}
