//! Questions as `DeepForge` writes them.

use std::collections::BTreeSet;

use offseeker_entity_graph::export::DeepForgeRow;
use offseeker_entity_graph::{EntityId, Node};
use serde::{Deserialize, Serialize};

use crate::{Constraint, Ground, QuestionRow, SynthesisError, Term};

/// A question as `DeepForge` writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeepForgeQuestion {
    /// The name of what is asked about.
    pub entity: String,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// How many relations lie between the answer and the clue that is farthest from it.
    pub depth: u32,
    /// What is known of the entities that it is made of, and the names of these from the farthest to the answer.
    pub extra_info: DeepForgeRow,
}

impl DeepForgeQuestion {
    /// Writes a question of a graph; `None`, where the graph does not have what it is made of.
    ///
    /// # Errors
    ///
    /// When what is recorded in the graph cannot be read.
    pub fn of(row: &QuestionRow, ground: &Ground) -> Result<Option<Self>, SynthesisError> {
        let graph = ground.graph();
        let ids = path(row);
        let Some(nodes) = ids.iter().map(|id| graph.node(*id)).collect::<Option<Vec<Node>>>() else { return Ok(None) };
        let members: BTreeSet<Node> = nodes.iter().copied().collect();
        let out = nodes.iter().flat_map(|node| graph.outgoing(*node));
        let edges: Vec<_> = out.filter(|edge| members.contains(&graph.target(*edge))).collect();
        let mut extra_info = DeepForgeRow::of(&graph.subgraph(&nodes, &edges)?, &ids)?;
        let entity = row.entity.and_then(|id| graph.node(id)).map(|node| graph.name(node).to_owned());
        extra_info.entity.clear();
        Ok(Some(Self {
            entity: entity.unwrap_or_default(),
            question: row.question.clone(),
            answer: row.answer.clone(),
            depth: row.hops,
            extra_info,
        }))
    }
}

/// The entities of a plan, from what is farthest from the answer to what is asked about.
fn path(row: &QuestionRow) -> Vec<EntityId> {
    let plan = &row.plan;
    let distances = plan.distances();
    let mut placed: Vec<(u32, EntityId)> = Vec::new();
    for (variable, id) in &plan.bindings {
        placed.push((distances.get(variable).copied().unwrap_or(0), *id));
    }
    for clue in &plan.clues {
        let Constraint::Relation { from, to, .. } = &clue.says else { continue };
        let near = clue.says.variables().filter_map(|it| distances.get(&it)).min().copied().unwrap_or(0);
        let named = [from, to].into_iter().filter_map(|term| match term {
            Term::Constant { id, .. } => Some(*id),
            Term::Variable(_) => None,
        });
        placed.extend(named.map(|id| (near + 1, id)));
    }
    placed.sort_by_key(|(distance, _)| std::cmp::Reverse(*distance));
    let mut seen = BTreeSet::new();
    placed.into_iter().map(|(_, id)| id).filter(|id| seen.insert(*id)).collect()
}
