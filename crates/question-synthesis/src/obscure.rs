//! Hides what the level of a draft says that it is to hide.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_entity_graph::{Direction, EntityId, GraphError, Rules};
use rand::rngs::ChaCha8Rng;
use serde_json::{Value, json};

use crate::planner::unread;
use crate::pool::{Pool, Wanted, ends_in_answer};
use crate::quantity::Quantity;
use crate::solver::Effort;
use crate::{Clue, Condition, Constraint, Draft, Ground, Kind, Level, Pass, Plan, Rejection, Term};

const NAME: &str = "obscure";

/// Hides what the [`Level`] of a draft says: numbers and dates become ranges, and what is named is described by its kind,
/// by its properties, and where these do not do by relations to something farther away.
///
/// Each change is a change of the plan. It is kept where the answer is still the only one and taken back where not.
#[derive(Debug, Clone)]
pub struct Obscure {
    ground: Arc<Ground>,
    /// What descriptions may be made of. As with a planner, relations with evidence, both ways.
    pub rules: Rules,
    /// The most clues that a plan may have afterwards. 20.
    pub most_clues: usize,
    /// How many entities are looked at to hide one thing. 1,000,000.
    pub effort: u64,
}

impl Obscure {
    /// Hides by what a graph says.
    #[must_use]
    pub fn new(ground: Arc<Ground>) -> Self {
        Self {
            ground,
            rules: Rules { direction: Direction::Both, ..Rules::default() },
            most_clues: 20,
            effort: 1_000_000,
        }
    }

    fn pool<'a>(&'a self, plan: &Plan, effort: &'a Effort) -> Pool<'a> {
        let least_distance = if matches!(plan.kind, Kind::Comparison | Kind::Aggregate) { 1 } else { 2 };
        Pool { ground: &self.ground, rules: &self.rules, least_distance, effort }
    }

    fn is_only(&self, plan: &Plan) -> bool {
        self.ground.solve(plan, 1).is_only(&plan.answer.text) == Some(true)
    }

    /// Makes numbers and dates ranges; false where one cannot be hidden.
    fn round(&self, plan: &mut Plan, rng: &mut ChaCha8Rng) -> Result<bool, GraphError> {
        let next = |plan: &Plan| {
            let exact = |(at, clue): (usize, &Clue)| exact(&clue.says).map(|quantity| (at, quantity));
            plan.clues.iter().enumerate().find_map(exact)
        };
        while let Some((at, quantity)) = next(plan) {
            if !self.round_one(plan, at, quantity, rng)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn round_one(
        &self,
        plan: &mut Plan,
        at: usize,
        quantity: Quantity,
        rng: &mut ChaCha8Rng,
    ) -> Result<bool, GraphError> {
        let ranges = quantity.ranges();
        let rounded = ranges.iter().map(|range| {
            let mut rounded = plan.clone();
            if let Constraint::Field { is, .. } = &mut rounded.clues[at].says {
                *is = Condition::Between { least: range.least, most: range.most };
            }
            rounded
        });
        let rounded: Vec<Plan> = rounded.filter(|it| !ends_in_answer(&it.answer, &it.clues[at].says)).collect();
        let mut dropped = plan.clone();
        dropped.clues.remove(at);
        if let Some(found) = rounded.iter().chain([&dropped]).find(|changed| self.is_only(changed)) {
            *plan = found.clone();
            return Ok(true);
        }
        let effort = Effort::new(self.effort);
        for mut changed in rounded {
            let about = changed.variables();
            let wanted = Wanted { level: Level::Ranges, names: true };
            if self.pool(&changed, &effort).settle(&mut changed, &about, wanted, self.most_clues, rng)? {
                *plan = changed;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Describes what is named; gives the names that stay.
    fn describe(&self, plan: &mut Plan, rng: &mut ChaCha8Rng) -> Result<Vec<String>, GraphError> {
        let mut stay = Vec::new();
        let mut seen = HashSet::new();
        let named: Vec<(EntityId, String)> = plan.constants().map(|(id, name)| (id, name.to_owned())).collect();
        for (id, name) in named.into_iter().filter(|(id, _)| seen.insert(*id)) {
            match self.described(plan, id, rng)? {
                Some(described) => *plan = described,
                None => stay.push(name),
            }
        }
        Ok(stay)
    }

    /// The plan with one entity described that it names; none where no description leads to the one answer.
    fn described(&self, plan: &Plan, id: EntityId, rng: &mut ChaCha8Rng) -> Result<Option<Plan>, GraphError> {
        let mut changed = plan.clone();
        let variable = changed.fresh();
        for term in changed.clues.iter_mut().flat_map(|clue| clue.says.terms_mut()) {
            if matches!(term, Term::Constant { id: named, .. } if *named == id) {
                *term = variable.into();
            }
        }
        changed.bindings.insert(variable, id);
        let effort = Effort::new(self.effort);
        let pool = self.pool(&changed, &effort);
        if let Some(node) = pool.node(&changed, variable) {
            changed.clues.extend(pool.kind(node, variable));
        }
        for (_, name) in changed.constants() {
            if pool.gives_away(&changed, name)? {
                return Ok(None);
            }
        }
        for names in [false, true] {
            let mut tried = changed.clone();
            let wanted = Wanted { level: Level::Ranges, names };
            if pool.settle(&mut tried, &[variable], wanted, self.most_clues, rng)? {
                return Ok(Some(tried));
            }
        }
        Ok(None)
    }
}

/// The number or date of a clue that says it as it is.
fn exact(says: &Constraint) -> Option<Quantity> {
    match says {
        Constraint::Field { is: Condition::Is { value }, .. } => Quantity::read(value),
        _ => None,
    }
}

#[async_trait]
impl Pass for Obscure {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> Value {
        json!({ "rules": self.rules, "most_clues": self.most_clues, "effort": self.effort })
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let mut rng = draft.rng(NAME);
        if draft.level >= Level::Ranges && !self.round(&mut draft.plan, &mut rng).map_err(|it| unread(NAME, &it))? {
            let reason = "a number cannot be hidden so that the answer stays the only one";
            return Err(Rejection::rejected(NAME, "number_stays", reason));
        }
        if draft.level >= Level::Described {
            let stay = self.describe(&mut draft.plan, &mut rng).map_err(|it| unread(NAME, &it))?;
            if !stay.is_empty() {
                draft.note(NAME, format!("still named, because nothing else tells them apart: {}", stay.join("; ")));
            }
        }
        Ok(draft)
    }
}
